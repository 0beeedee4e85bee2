"""The disk of one worker: what is written, what a crash takes back, and what can be wrong with it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from streams.engine.errors import StoreDamaged, StoreFault, TransientFault
from streams.engine.simulated.network import Network, Process
from streams.engine.world import Change, Checkpoint

_MOST_TORN = 3
_NO_SPACE = "no space left on device"


@dataclass(slots=True)
class _Undo:
    """What one write replaced; `is_safe` writes survive the process, though not always the machine."""

    before: list[Change]
    checkpoint: Checkpoint | None
    is_safe: bool


@dataclass(slots=True)
class StoreFiles:
    """The files of one partition's store."""

    data: dict[bytes, bytes] = field(default_factory=dict)
    checkpoint: Checkpoint | None = None
    undo: list[_Undo] = field(default_factory=list)
    is_damaged: bool = False
    is_rotten: bool = False
    """Whether a block in its middle is damaged, which opening does not notice."""


class SimDisk:
    """Outlives the processes that use it, one after the other."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.stores: dict[int, StoreFiles] = {}
        self.locked: set[int] = set()
        """Partitions whose store the process has open; it keeps even itself from opening one again."""
        self.is_full = False
        self.tears = False
        """Whether the next crash tears the last write; the database drops a torn one when it opens."""

    def crash(self, *, machine: bool) -> None:
        """Take back what was not safe when the process died, and with the machine perhaps a few writes more."""
        self.locked.clear()
        for files in self.stores.values():
            while files.undo and not files.undo[-1].is_safe:
                _take_back(files)
            if self.tears and files.undo:
                _take_back(files)
            if machine:
                for _ in range(self._random.randint(0, min(_MOST_TORN, len(files.undo)))):
                    _take_back(files)
            files.undo.clear()
        self.tears = False

    def damage(self) -> None:
        """Let one store be unreadable."""
        if self.stores:
            self.stores[self._random.choice(sorted(self.stores))].is_damaged = True

    def rot(self) -> None:
        """Damage a block in the middle of one store."""
        if self.stores:
            self.stores[self._random.choice(sorted(self.stores))].is_rotten = True

    def lose(self) -> None:
        """Delete every store that is not open."""
        for partition in self.stores.keys() - self.locked:
            del self.stores[partition]


def _take_back(files: StoreFiles) -> None:
    undo = files.undo.pop()
    files.checkpoint = undo.checkpoint
    for key, value in undo.before:
        if value is None:
            files.data.pop(key, None)
        else:
            files.data[key] = value


def pairs(data: Mapping[bytes, bytes], start: bytes, stop: bytes | None) -> Iterator[tuple[bytes, bytes]]:
    """Yield pairs from `start` (inclusive) to `stop` (exclusive) in byte order, as of the call."""
    keys = sorted(key for key in data if key >= start and (stop is None or key < stop))
    return iter([(key, data[key]) for key in keys])


class SimStore:
    """A `Store` on a simulated disk."""

    def __init__(self, disk: SimDisk, process: Process, network: Network, partition: int) -> None:
        if partition in disk.locked:
            message = f"store of partition {partition}: lock hold by current process"
            raise TransientFault(message)
        if disk.is_full:
            raise TransientFault(_NO_SPACE)
        files = disk.stores.setdefault(partition, StoreFiles())
        if files.is_damaged:
            message = f"store of partition {partition}: checksum mismatch"
            raise StoreFault(message)
        disk.locked.add(partition)
        self._is_open = True
        self._disk = disk
        self._files = files
        self._process = process
        self._network = network
        self._partition = partition

    def checkpoint(self) -> Checkpoint | None:
        """Return how far the store goes."""
        return self._files.checkpoint

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key."""
        self._look()
        return self._files.data.get(key)

    def scan(self, start: bytes, stop: bytes | None) -> Iterator[tuple[bytes, bytes]]:
        """Yield pairs in byte order, as they are now."""
        self._look()
        return pairs(self._files.data, start, stop)

    def write(self, changes: Iterable[Change], checkpoint: Checkpoint) -> None:
        """Apply changes and checkpoint at once."""
        self._apply(changes, checkpoint, is_safe=True)

    def load(self, changes: Iterable[Change], checkpoint: Checkpoint) -> None:
        """Apply changes during a restore."""
        self._apply(changes, checkpoint, is_safe=False)

    def loaded(self) -> None:
        """Make everything loaded safe."""
        self._network.step(self._process, f"flush store {self._partition}")
        self._check_open()
        for undo in self._files.undo:
            undo.is_safe = True

    def close(self) -> None:
        """Close; the lock of a process that died is not its own any more."""
        if self._is_open and self._process.is_alive:
            self._disk.locked.discard(self._partition)
        self._is_open = False

    def _look(self) -> None:
        self._check_open()
        if self._files.is_rotten:
            message = f"store of partition {self._partition}: block checksum mismatch"
            raise StoreDamaged(message)

    def _check_open(self) -> None:
        if not self._is_open:
            message = f"store of partition {self._partition}: closed already"
            raise StoreFault(message)

    def _apply(self, changes: Iterable[Change], checkpoint: Checkpoint, *, is_safe: bool) -> None:
        self._network.step(self._process, f"before write store {self._partition}")
        self._check_open()
        if self._disk.is_full:
            raise StoreFault(_NO_SPACE)
        files = self._files
        listed = list(changes)
        before = [(key, files.data.get(key)) for key, _ in reversed(listed)]
        files.undo.append(_Undo(before, files.checkpoint, is_safe))
        if is_safe and len(files.undo) > 2 * _MOST_TORN:
            del files.undo[:_MOST_TORN]
        for key, value in listed:
            if value is None:
                files.data.pop(key, None)
            else:
                files.data[key] = value
        files.checkpoint = checkpoint
        self._network.step(self._process, f"after write store {self._partition}")
