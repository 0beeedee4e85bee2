"""Compare local stores with what their changelog says they hold, without disturbing a worker that uses them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from streams.engine.api import SourceRecord
from streams.engine.errors import StoreFault
from streams.engine.store import read_only
from streams.replay.verify import state_of


class Finding(NamedTuple):
    """What a comparison of one store came to; `wrong` is one sentence, empty where all is well."""

    folder: Path
    partition: int
    checkpoint: int
    keys: int
    wrong: str = ""


def store_folders(state_dir: Path, app_id: str) -> Iterator[tuple[Path, int]]:
    """Yield the stores of an application on this machine with their partition, in order."""
    for folder in sorted((state_dir / app_id).glob("slot-*/partition-*")):
        yield folder, int(folder.name.removeprefix("partition-"))


def check_store(folder: Path, partition: int, changelog: list[SourceRecord]) -> Finding:
    """Compare a store with the changelog up to its own checkpoint.

    A key that was written again later may have lost its older record to compaction: of that one nothing can be said.
    """
    try:
        checkpoint, kept = read_only(folder)
    except StoreFault as fault:
        return Finding(folder, partition, -1, 0, f"cannot be read: {fault}")
    offset = 0 if checkpoint is None else checkpoint.offset
    before, later = state_of(record for record in changelog if record.offset < offset), set[bytes]()
    later.update(record.key for record in changelog if record.offset >= offset and record.key is not None)
    return Finding(folder, partition, offset, len(kept), _difference(kept, before, later))


def _difference(kept: Mapping[bytes, bytes], expected: Mapping[bytes, bytes], later: set[bytes]) -> str:
    missing = sorted(expected.keys() - kept.keys())
    extra = sorted(key for key in kept.keys() - expected.keys() if key not in later)
    other = sorted(key for key in kept.keys() & expected.keys() if kept[key] != expected[key])
    told = [
        f"{len(keys)} keys {what} (the first of table {keys[0][:2]!r})"
        for keys, what in ((missing, "are missing"), (extra, "are in no changelog"), (other, "have another value"))
        if keys
    ]
    return ", ".join(told)
