"""What a record is processed with."""

from streams.engine.api import Outbox, State


class Turn:
    """State, outbox and the present; an event may move `now_ms`."""

    __slots__ = ("drained", "now_ms", "out", "state", "until_ms")

    def __init__(self, now_ms: int, state: State, out: Outbox, until_ms: int = 0, drained: str = "") -> None:
        self.now_ms = now_ms
        self.state = state
        self.out = out
        self.until_ms = until_ms
        """Until when a record waits that has waited before: its time does not begin anew."""
        self.drained = drained
        """Importer number whose events, which have waited for it to arrive in its account, are being taken (P10)."""
