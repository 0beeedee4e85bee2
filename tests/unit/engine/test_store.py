"""The store on a real disk."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.engine.errors import StoreDamaged, StoreFault, TransientFault
from streams.engine.store import RocksStore, StoreMemory, delete_store
from streams.engine.world import Checkpoint


def opened(folder: Path) -> RocksStore:
    return RocksStore(folder, StoreMemory())


def see_that_a_new_one_takes_its_place(folder: Path) -> None:
    """See that a damaged store cannot be opened, and that nothing of it is in the way of a new one."""
    with pytest.raises(StoreFault):
        opened(folder)
    delete_store(folder)
    store = opened(folder)
    assert store.checkpoint() is None
    store.close()


def test_a_new_store_has_no_checkpoint(tmp_path: Path) -> None:
    store = opened(tmp_path / "store")

    assert store.checkpoint() is None
    assert store.get(b"a") is None
    store.close()


def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    store = opened(tmp_path / "store")
    store.write([(b"t/a", b"1"), (b"t/b", b"2"), (b"t/gone", b"3")], Checkpoint(5, 1_000))
    store.write([(b"t/gone", None)], Checkpoint(9, 2_000))
    store.close()

    store = opened(tmp_path / "store")
    assert store.checkpoint() == Checkpoint(9, 2_000)
    assert list(store.scan(b"t/", b"t0")) == [(b"t/a", b"1"), (b"t/b", b"2")]
    store.close()


def test_what_was_loaded_is_there_once_it_was_made_safe(tmp_path: Path) -> None:
    store = opened(tmp_path / "store")
    store.load([(b"t/a", b"1")], Checkpoint(3, 1_000))
    store.loaded()
    store.close()

    store = opened(tmp_path / "store")
    assert (store.get(b"t/a"), store.checkpoint()) == (b"1", Checkpoint(3, 1_000))
    store.close()


def test_a_scan_goes_from_its_start_to_before_its_stop_in_byte_order(tmp_path: Path) -> None:
    store = opened(tmp_path / "store")
    store.write([(bytes((n,)), b"x") for n in (200, 5, 255, 7, 6)], Checkpoint(1, 0))

    assert [key[0] for key, _ in store.scan(b"\x06", b"\xff")] == [6, 7, 200]
    assert [key[0] for key, _ in store.scan(b"\x07", None)] == [7, 200, 255]
    store.close()


def test_a_damaged_store_is_a_fault_and_can_be_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    store = opened(folder)
    store.write([(b"t/a", b"1")], Checkpoint(1, 0))
    store.loaded()
    store.close()
    for file in [*folder.glob("MANIFEST-*"), *folder.glob("*.sst")]:
        file.write_bytes(b"rubbish")

    see_that_a_new_one_takes_its_place(folder)


def filled(folder: Path) -> Path:
    """Return the folder of a closed store with writes in two tables and in the log."""
    store = opened(folder)
    for number in (1, 2):
        store.load([(b"t/%d" % number, b"value")], Checkpoint(number, 0))
        store.loaded()
    store.write([(b"t/3", b"value")], Checkpoint(3, 0))
    store.close()
    return folder


def manifest_records(data: bytes) -> list[int]:
    """Return where the records of a short list of files begin."""
    places, at = [], 0
    while at < len(data):
        places.append(at)
        at += 7 + int.from_bytes(data[at + 4 : at + 6], "little")
    return places


@pytest.mark.parametrize("rot", [b"\0" * 7, b"????\xff\x7f\x01"], ids=["zeros", "length"])
def test_a_store_is_not_opened_without_the_files_that_its_rotten_list_no_longer_names(
    tmp_path: Path, rot: bytes
) -> None:
    """RocksDB takes such a list for one that ends there, and the writes in the tables behind it would be missing."""
    folder = filled(tmp_path / "store")
    [manifest] = folder.glob("MANIFEST-*")
    sound = manifest.read_bytes()

    for at in manifest_records(sound):
        copy = tmp_path / f"rotten-{at}"
        shutil.copytree(folder, copy)
        (copy / manifest.name).write_bytes(sound[:at] + rot + sound[at + len(rot) :])
        see_that_a_new_one_takes_its_place(copy)


def test_a_store_has_what_is_in_its_tables_and_what_is_in_its_log(tmp_path: Path) -> None:
    store = opened(filled(tmp_path / "store"))

    assert store.checkpoint() == Checkpoint(3, 0)
    assert [key for key, _ in store.scan(b"t/", None)] == [b"t/1", b"t/2", b"t/3"]
    store.close()


def test_a_store_that_somebody_else_has_open_is_not_taken_for_a_damaged_one(tmp_path: Path) -> None:
    store = opened(tmp_path / "store")

    with pytest.raises(TransientFault) as caught:
        opened(tmp_path / "store")
    assert not isinstance(caught.value, StoreFault)
    store.close()


def test_a_store_whose_checkpoint_is_damaged_does_not_stay_open(tmp_path: Path) -> None:
    """It would keep out the new store that takes its place."""
    folder = tmp_path / "store"
    store = opened(folder)
    store.write([(b"t/%d" % n, b"value") for n in range(10)], Checkpoint(1, 0))
    store.loaded()
    store.close()
    (table,) = folder.glob("*.sst")
    with table.open("r+b") as file:
        file.write(b"\xa5" * 20)  # the first block has the checkpoint

    see_that_a_new_one_takes_its_place(folder)


def test_closing_twice_does_no_harm(tmp_path: Path) -> None:
    store = opened(tmp_path / "store")

    store.close()
    store.close()


@pytest.fixture
def damaged(tmp_path: Path) -> Iterator[RocksStore]:
    """Give a store with rubbish in the middle of its table, which opening does not notice."""
    folder = tmp_path / "store"
    store = opened(folder)
    store.write([(b"t/%06d" % n, b"value %d" % n * 5) for n in range(20_000)], Checkpoint(1, 0))
    store.loaded()
    store.close()
    (table,) = folder.glob("*.sst")
    with table.open("r+b") as file:
        file.seek(table.stat().st_size // 2)
        file.write(b"\xa5" * 512)
    store = opened(folder)
    yield store
    store.close()


def test_damage_in_the_middle_is_found_by_reading_a_key(damaged: RocksStore) -> None:
    assert damaged.get(b"t/000000") == b"value 0" * 5

    with pytest.raises(StoreDamaged, match="checksum mismatch"):
        [damaged.get(b"t/%06d" % n) for n in range(20_000)]


@pytest.mark.parametrize("stop", [b"t0", None])
def test_a_scan_does_not_end_at_damage_as_if_there_were_no_more(damaged: RocksStore, stop: bytes | None) -> None:
    with pytest.raises(StoreDamaged, match="checksum mismatch"):
        list(damaged.scan(b"t/", stop))


def test_a_scan_to_the_end_of_a_sound_store_ends(tmp_path: Path) -> None:
    store = opened(tmp_path / "store")
    store.write([(b"t/a", b"1")], Checkpoint(1, 0))

    assert list(store.scan(b"t/", None)) == [(b"t/a", b"1")]
    assert list(store.scan(b"u/", None)) == []
    store.close()
