"""The store on a real disk."""

from pathlib import Path

import pytest

from streams.engine.errors import StoreFault, TransientFault
from streams.engine.store import RocksStore, StoreMemory, delete_store
from streams.engine.world import Checkpoint


def opened(folder: Path) -> RocksStore:
    return RocksStore(folder, StoreMemory())


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

    with pytest.raises(StoreFault):
        opened(folder)
    delete_store(folder)
    store = opened(folder)
    assert store.checkpoint() is None
    store.close()


def test_a_store_that_somebody_else_has_open_is_not_taken_for_a_damaged_one(tmp_path: Path) -> None:
    store = opened(tmp_path / "store")

    with pytest.raises(TransientFault) as caught:
        opened(tmp_path / "store")
    assert not isinstance(caught.value, StoreFault)
    store.close()


def test_closing_twice_does_no_harm(tmp_path: Path) -> None:
    store = opened(tmp_path / "store")

    store.close()
    store.close()
