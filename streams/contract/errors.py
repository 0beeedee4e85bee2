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


class SchemaPending(Exception):  # noqa: N818 - a condition, not a mistake
    """A registered schema is not there yet: the registry is slow, or does not answer. Trying again is right.

    The text is one sentence that says which schema, and why.
    """


class RegistryError(RuntimeError):
    """A schema registry cannot be used as it is; the text is one sentence with what to do, without credentials."""


class RegistryUnavailable(RegistryError):  # noqa: N818 - a condition, not a mistake
    """The registry does not answer, or says that it cannot now; it may do so later."""


class UnencodableRecord(ValueError):  # noqa: N818 - it names the record's fault, not the program's
    """Fields that do not have the shape of their record: one is missing or of another type."""
