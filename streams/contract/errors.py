"""What can be wrong with bytes and events at the contract's edge."""

from typing import Literal

Reason = Literal["empty", "undecodable", "unknown-schema", "trailing-bytes", "too-large"]


class UndecodableRecord(ValueError):  # noqa: N818 - it names the record's fault, not the program's
    """Bytes that are no record of the contract.

    `reason` is a short word (a metric label); `detail` one sentence for a person, free of the record's content.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail


class UnencodableRecord(ValueError):  # noqa: N818 - it names the record's fault, not the program's
    """Fields that do not have the shape of their record: one is missing or of another type."""
