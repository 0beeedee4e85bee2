"""The state of a partition on the local disk, in RocksDB.

A write is one batch with the checkpoint in it, so that store and changelog offset never disagree. The write-ahead
log is on but not synced: after a crash of the machine the store is a little older, and the changelog knows the rest.
"""

import contextlib
import shutil
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from rocksdict import (
    AccessType,
    BlockBasedIndexType,
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    Rdict,
    WriteBatch,
    WriteBufferManager,
    WriteOptions,
)

from streams.engine.errors import StoreDamaged, StoreFault, TransientFault
from streams.engine.world import Change, Checkpoint

# No table's prefix starts with a zero byte.
_CHECKPOINT_KEY: Final = b"\x00checkpoint"
_CHECKPOINT: Final = struct.Struct(">qq")

# RocksDB's log format: blocks with records of checksum, length and kind, none of which begins in a block's last bytes.
_LOG_BLOCK: Final = 32 * 1024
_LOG_RECORD: Final = struct.Struct("<IHB")

_WRITE_BUFFER_BYTES: Final = 16 * 1024 * 1024
_BLOCK_BYTES: Final = 4 * 1024
_BLOOM_BITS: Final = 10
_WRITE_BUFFER_BLOOM: Final = 0.01
"""Share of a write buffer for its Bloom filter: some 15 bits for each of the values that fit into one."""
_LOG_FILES_KEPT: Final = 2
_DAMAGED: Final = "Corruption: "
_PASSING: Final = ("lock hold by current process", "While lock file:", "No space left on device", "Too many open files")
"""What keeps a store from being opened although nothing is wrong with what it holds."""


class StoreMemory:
    """Memory that all stores of a worker share, however many partitions it has; bytes of each kind."""

    def __init__(self, blocks: int = 64 * 1024 * 1024, writes: int = 128 * 1024 * 1024) -> None:
        self.blocks = Cache(blocks)
        self.writes = WriteBufferManager(writes, allow_stall=False)


class RocksStore:
    """One partition's `Store`."""

    def __init__(self, folder: Path, memory: StoreMemory) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if _has_rotten_manifest(folder):
            message = f"{folder}: the list of its files cannot be read to its end"
            raise StoreFault(message)
        try:
            self._db = Rdict(str(folder), _options(memory))
        except Exception as error:
            # rocksdict raises plain exceptions for everything; only the text tells a held lock from a damaged file
            message = f"{folder}: {error}"
            passes = any(said in str(error) for said in _PASSING)
            raise (TransientFault if passes else StoreFault)(message) from error
        try:
            self._saved = self._read_checkpoint()
        except Exception as error:
            self.close()  # or it would lock out the new store that takes its place
            message = f"{folder}: {error}"
            raise StoreFault(message) from error
        self._unsafe = WriteOptions()
        self._unsafe.disable_wal = True  # type: ignore[method-assign, assignment]  # a property, whatever its stub says

    def checkpoint(self) -> Checkpoint | None:
        """Return how far the store goes, or None for a new one."""
        return self._saved

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key."""
        try:
            value: bytes | None = self._db.get(key)
        except Exception as error:
            raise _fault(error) from error
        return value

    def scan(self, start: bytes, stop: bytes | None) -> Iterator[tuple[bytes, bytes]]:
        """Yield pairs from `start` (inclusive) to `stop` (exclusive), as they are now."""
        key: Any  # always bytes in raw mode, which the stub does not know
        last = start
        try:
            for key, value in self._db.items(from_key=start):
                if stop is not None and key >= stop:
                    return
                yield key, value
                last = key
        except Exception as error:
            raise _fault(error) from error  # the store was closed
        self._check_that_nothing_follows(last)

    def write(self, changes: Iterable[Change], checkpoint: Checkpoint) -> None:
        """Apply changes and checkpoint at once, surviving the end of the process."""
        self._write(changes, checkpoint, None)

    def load(self, changes: Iterable[Change], checkpoint: Checkpoint) -> None:
        """Apply changes during a restore; without the log, only `loaded` makes them safe."""
        self._write(changes, checkpoint, self._unsafe)

    def loaded(self) -> None:
        """Make everything loaded safe."""
        try:
            self._db.flush()
        except Exception as error:
            raise _fault(error) from error

    def close(self) -> None:
        """Close; never raises."""
        with contextlib.suppress(Exception):  # rocksdict raises plain exceptions; broken or closed twice is the same
            self._db.close()

    def _check_that_nothing_follows(self, last: bytes) -> None:
        """See that a scan ended because the store ends there.

        At a damaged block rocksdict's own iteration ends as if there were no more.
        """
        rest = self._db.iter()
        rest.seek(last)
        if rest.valid():
            rest.next()
        try:
            rest.status()
        except Exception as error:
            raise _fault(error) from error

    def _write(self, changes: Iterable[Change], checkpoint: Checkpoint, options: WriteOptions | None) -> None:
        batch = WriteBatch(raw_mode=True)
        put, delete = batch.put, batch.delete
        for key, value in changes:
            if value is None:
                delete(key)
            else:
                put(key, value)
        put(_CHECKPOINT_KEY, _CHECKPOINT.pack(*checkpoint))
        try:
            self._db.write(batch, options)
        except Exception as error:
            raise _fault(error) from error
        self._saved = checkpoint

    def _read_checkpoint(self) -> Checkpoint | None:
        data: bytes | None = self._db.get(_CHECKPOINT_KEY)
        return None if data is None else Checkpoint(*_CHECKPOINT.unpack(data))


def _has_rotten_manifest(folder: Path) -> bool:
    """Tell whether the records of the store's list of files do not end where the file ends.

    A length that points beyond the file's end, or zeros, RocksDB takes for a writer that died: it opens the store as of
    the record before, with newer writes from its log, and what was moved out of the log meanwhile is missing without a
    word. Whatever else is wrong with a record does not go unnoticed.
    """
    try:
        data = (folder / (folder / "CURRENT").read_text("ascii").strip()).read_bytes()
    except (OSError, ValueError):
        return False  # a new store, or one that cannot be opened
    at = 0
    while at < len(data):
        room = _LOG_BLOCK - at % _LOG_BLOCK
        if room < _LOG_RECORD.size:
            at += room
            continue
        if at + _LOG_RECORD.size > len(data):
            return True
        _, length, kind = _LOG_RECORD.unpack_from(data, at)
        at += _LOG_RECORD.size + length
        if not kind or _LOG_RECORD.size + length > room or at > len(data):
            return True
    return False


def _fault(error: Exception) -> StoreFault:
    """Tell damage from a disk that only refuses: rocksdict raises plain exceptions for everything."""
    return (StoreDamaged if str(error).startswith(_DAMAGED) else StoreFault)(str(error))


def read_only(folder: Path) -> tuple[Checkpoint | None, dict[bytes, bytes]]:
    """Return checkpoint and content of a store as they are on the disk, also while a worker has it open.

    Raises `StoreFault`.
    """
    try:
        database = Rdict(
            str(folder), Options(raw_mode=True), access_type=AccessType.read_only(error_if_log_file_exist=False)
        )
        try:
            rows = database.iter()
            rows.seek_to_first()
            kept: dict[Any, Any] = {}  # bytes, which the stub does not know
            while rows.valid():
                kept[rows.key()] = rows.value()
                rows.next()
            rows.status()
        finally:
            database.close()
    except Exception as error:
        raise _fault(error) from error
    saved = kept.pop(_CHECKPOINT_KEY, None)
    return None if saved is None else Checkpoint(*_CHECKPOINT.unpack(saved)), kept


def delete_store(folder: Path) -> None:
    """Delete a store's folder, if there is one."""
    shutil.rmtree(folder, ignore_errors=True)


def _options(memory: StoreMemory) -> Options:
    """Tune for many small values that are read by key and in short ranges."""
    blocks = BlockBasedOptions()
    blocks.set_block_cache(memory.blocks)
    blocks.set_block_size(_BLOCK_BYTES)
    blocks.set_bloom_filter(_BLOOM_BITS, block_based=False)
    blocks.set_cache_index_and_filter_blocks(v=True)
    blocks.set_pin_l0_filter_and_index_blocks_in_cache(v=True)
    # In parts: the filter of a large table, as one block, is too large for a shard of the cache, and would be read anew
    # for each key.
    blocks.set_index_type(BlockBasedIndexType.two_level_index_search())
    blocks.set_partition_filters(size=True)
    blocks.set_pin_top_level_index_and_filter(v=True)
    options = Options(raw_mode=True)
    options.create_if_missing(create_if_missing=True)
    options.set_block_based_table_factory(blocks)
    options.set_write_buffer_size(_WRITE_BUFFER_BYTES)
    options.set_write_buffer_manager(memory.writes)
    # Most keys that are asked for here are new ones, and without it each is sought through the newest writes.
    options.set_memtable_prefix_bloom_ratio(_WRITE_BUFFER_BLOOM)
    options.set_memtable_whole_key_filtering(whole_key_filter=True)
    options.set_compression_type(DBCompressionType.lz4())
    options.set_level_compaction_dynamic_level_bytes(v=True)
    options.set_max_background_jobs(2)
    options.set_keep_log_file_num(_LOG_FILES_KEPT)
    options.set_max_open_files(256)
    return options
