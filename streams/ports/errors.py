"""What can go wrong for a publisher, from an event that is not valid to a broker that does not answer."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventFault:
    """One thing that is wrong with an event: where in it, what, and what to do. Holds no personal number."""

    path: str
    wrong: str
    remedy: str = "correct the field"

    def __str__(self) -> str:
        """Say the fault as one line."""
        place = f"{self.path}: " if self.path else ""
        return f"{place}{self.wrong}; {self.remedy}"

    def to_json(self) -> dict[str, object]:
        """Return the fault as plain values for a report."""
        return {"path": self.path, "wrong": self.wrong, "remedy": self.remedy}


class PublishError(Exception):
    """The base of all errors of the publisher; the text is one sentence."""


class InvalidEvent(PublishError):  # noqa: N818 - it names what is wrong
    """An event that must not be published; `faults` are all that is wrong with it."""

    def __init__(self, faults: Sequence[EventFault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class OutOfReach(PublishError):  # noqa: N818
    """No broker answers at the address, or no registry that has our schemas: nothing was sent."""


class MissingTopic(PublishError):  # noqa: N818
    """The topic does not exist: the wrong cluster, namespace, or nothing was set up yet."""


class NotDelivered(PublishError):  # noqa: N818
    """Events that are not known to be safely in Kafka; `positions` counts them in the order given, from 0.

    They may have arrived all the same. Publishing them again does no harm: the same event id counts once.
    """

    def __init__(self, why: str, positions: Sequence[int]) -> None:
        count = len(positions)
        which = f"event {positions[0]}" if count == 1 else f"{count} events from {min(positions)} on"
        super().__init__(f"{which} (counted from 0) not known to be safely in Kafka: {why}")
        self.why = why
        self.positions = tuple(positions)
