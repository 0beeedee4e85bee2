"""How far a partition may be committed: up to the first record that its reader has not finished."""

from collections import deque


class Progress:
    """The unfinished records of one partition during one assignment; pure bookkeeping.

    Records are taken in offset order and may be finished in any order. After the assignment ends, nothing of it may
    be committed any more: another reader may already be ahead.
    """

    __slots__ = ("_finished", "_unfinished", "committed", "is_over", "position")

    def __init__(self) -> None:
        self._unfinished: deque[int] = deque()
        self._finished: set[int] = set()
        self.position: int | None = None
        """The consumer's own position, beyond all fetched records and the transaction markers between them."""
        self.committed: int | None = None
        self.is_over = False

    def take(self, offset: int) -> None:
        """Note a record that was fetched; offsets grow."""
        self._unfinished.append(offset)

    def finish(self, offset: int) -> None:
        """Note that the reader is done with a record; doing so twice, or too late, changes nothing."""
        if not self.is_over and self._unfinished and offset >= self._unfinished[0]:
            self._finished.add(offset)
            while self._unfinished and self._unfinished[0] in self._finished:
                self._finished.discard(self._unfinished.popleft())

    def end(self) -> None:
        """Note that the partition is no longer ours."""
        self.is_over = True

    @property
    def is_idle(self) -> bool:
        """Whether no record is unfinished."""
        return not self._unfinished

    def committable(self) -> int | None:
        """Return the offset to commit, None when there is nothing new."""
        safe = self._unfinished[0] if self._unfinished else self.position
        return safe if safe != self.committed and not self.is_over else None
