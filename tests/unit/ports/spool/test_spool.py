"""What a spool keeps: all that it acknowledged, in order, once, whatever happened to process and disk."""

import os
import resource
import subprocess
import sys
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.ports.spool.entries import Entry, batch_at, batch_bytes, batches
from streams.ports.spool.errors import SpoolFull, SpoolInUse, SpoolUnusable
from streams.ports.spool.segments import segment_paths
from streams.ports.spool.spool import Spool
from streams.ports.spool.status import spool_status


def entry(number: int, size: int = 10) -> Entry:
    return Entry(
        str(uuid.UUID(int=number)), "entry-summary-event", b"12-3456789", b"x" * size, in_every_partition=False
    )


def numbers(entries: Sequence[Entry]) -> list[int]:
    return [uuid.UUID(one.event_id).int for one in entries]


def sent(spool: Spool, position: int) -> None:
    spool.move(replace(spool.position, sent=position))


ENTRIES = st.builds(
    Entry,
    event_id=st.uuids().map(str),
    topic=st.sampled_from(["entry-summary-event", "t1-headquarters-decision"]),
    key=st.binary(max_size=20),
    value=st.binary(max_size=200),
    in_every_partition=st.booleans(),
)


@given(st.lists(st.lists(ENTRIES, min_size=1), max_size=5))
def test_batches_are_read_as_they_were_written(groups: list[list[Entry]]) -> None:
    data = b"".join(batch_bytes(group, 1_700_000_000_000) for group in groups)

    assert [list(batch.entries()) for batch in batches(data)] == groups


@given(st.lists(ENTRIES, min_size=1, max_size=3), st.data())
def test_a_batch_that_is_cut_or_changed_anywhere_is_none(entries: list[Entry], data: st.DataObject) -> None:
    whole = batch_bytes(entries, 1)
    at = data.draw(st.integers(0, len(whole) - 1))
    bit = data.draw(st.integers(0, 7))

    assert batch_at(whole[:at], 0) is None
    assert batch_at(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :], 0) is None


def test_what_was_added_is_there_after_opening_again(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.add([entry(1), entry(2)])
        spool.add([entry(3)])
    with Spool(tmp_path) as spool:
        spool.add([entry(4)])

        assert numbers(list(spool.pending())) == [1, 2, 3, 4]
        assert (spool.waiting, spool.end) == (4, 4)


def test_what_is_sent_is_not_pending_and_the_position_may_lie_within_a_batch(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.add([entry(number) for number in range(5)])
        sent(spool, 2)
    with Spool(tmp_path) as spool:
        assert numbers(list(spool.pending())) == [2, 3, 4]


def test_an_event_id_that_the_spool_holds_is_not_added_again(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.add([entry(1), entry(1), entry(2)])
        sent(spool, 2)
        spool.add([entry(2), entry(3)])
    with Spool(tmp_path) as spool:
        spool.add([entry(1), entry(3)])

        assert numbers(list(spool.pending())) == [3]


def test_files_are_deleted_when_all_is_sent_but_for_the_last_two(tmp_path: Path) -> None:
    with Spool(tmp_path, limit_bytes=4_000) as spool:  # segments of 1,000 bytes
        for number in range(40):
            spool.add([entry(number, size=300)])
            sent(spool, number + 1)

        assert len(segment_paths(tmp_path)) == 2
        spool.add([entry(39)])
        assert spool.waiting == 0
    with Spool(tmp_path) as spool:
        assert spool.end == 40


def test_events_in_several_files_stay_in_order(tmp_path: Path) -> None:
    with Spool(tmp_path, limit_bytes=40_000) as spool:
        for number in range(100):
            spool.add([entry(number, size=200)])
        assert len(segment_paths(tmp_path)) > 2
        sent(spool, 37)
    with Spool(tmp_path) as spool:
        assert numbers(list(spool.pending())) == list(range(37, 100))


def test_a_full_spool_takes_nothing_and_sending_makes_room(tmp_path: Path) -> None:
    with Spool(tmp_path, limit_bytes=2_000) as spool:
        for number in range(10):  # 182 bytes each
            spool.add([entry(number, size=100)])
        with pytest.raises(SpoolFull, match=r"is full: 10 events wait for Kafka; bring Kafka back"):
            spool.add([entry(10, size=100)])
        assert numbers(list(spool.pending())) == list(range(10))

        sent(spool, 10)
        spool.add([entry(10, size=100)])

        assert numbers(list(spool.pending())) == [10]


def test_an_event_larger_than_the_limit_is_kept_when_nothing_waits(tmp_path: Path) -> None:
    with Spool(tmp_path, limit_bytes=1_000) as spool:
        spool.add([entry(1, size=5_000)])

        assert spool.waiting == 1


@pytest.mark.parametrize("cut", [1, 7, 40, 60])
def test_a_torn_end_was_never_acknowledged_and_is_left_out(tmp_path: Path, cut: int) -> None:
    with Spool(tmp_path) as spool:
        spool.add([entry(1)])
    (path,) = segment_paths(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole + batch_bytes([entry(2)], 1)[:cut])

    assert spool_status(tmp_path).waiting == 1
    with Spool(tmp_path) as spool:
        assert numbers(list(spool.pending())) == [1]
        spool.add([entry(3)])
    with Spool(tmp_path) as spool:
        assert numbers(list(spool.pending())) == [1, 3]


def test_a_damaged_batch_before_a_whole_one_is_not_passed_over(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.add([entry(1)])
        spool.add([entry(2)])
    (path,) = segment_paths(tmp_path)
    data = bytearray(path.read_bytes())
    data[50] ^= 1
    path.write_bytes(data)

    with pytest.raises(SpoolUnusable, match="is damaged after its first 0 bytes"):
        Spool(tmp_path)
    with pytest.raises(SpoolUnusable, match="is damaged"):
        spool_status(tmp_path)


def test_a_file_that_is_missing_is_noticed(tmp_path: Path) -> None:
    with Spool(tmp_path, limit_bytes=40_000) as spool:
        for number in range(140):
            spool.add([entry(number, size=200)])
    segment_paths(tmp_path)[1].unlink()

    with pytest.raises(SpoolUnusable, match="a file is missing before"):
        Spool(tmp_path)


def test_events_without_a_position_are_not_sent_by_guess(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.add([entry(1)])
    (tmp_path / "position.json").unlink()

    with pytest.raises(SpoolUnusable, match="has events and no position"):
        Spool(tmp_path)


def test_a_spool_of_another_namespace_is_refused(tmp_path: Path) -> None:
    Spool(tmp_path, namespace="replay").close()

    with pytest.raises(SpoolUnusable, match="belongs to the namespace 'replay', not to ''"):
        Spool(tmp_path)


def test_only_one_process_at_a_time_has_a_spool_open(tmp_path: Path) -> None:
    with Spool(tmp_path), pytest.raises(SpoolInUse, match="another process has the spool"):
        Spool(tmp_path)
    Spool(tmp_path).close()


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    directory = tmp_path / "spool"
    with Spool(directory) as spool:
        spool.add([entry(1)])
        spool.move(replace(spool.position, sent=1))

    assert directory.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in directory.iterdir()} == {0o600}


FILLING = """
import sys
from pathlib import Path
from streams.ports.spool.errors import SpoolUnusable
from streams.ports.spool.spool import Spool
from tests.unit.ports.spool.test_spool import entry
number = 0
with Spool(Path(sys.argv[1])) as spool:
    try:
        while number < 1000:
            spool.add([entry(number, size=1000)])
            number += 1
    except SpoolUnusable as error:
        print(number, error)
"""


def test_a_full_disk_is_one_sentence_and_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    # The system's limit on the size of files fails a write as a full disk does: in the middle of it.
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_500, 20_500))

    done = subprocess.run(
        # `-B`: byte code that is cut off at the limit would be found, and believed, by the next process.
        [sys.executable, "-B", "-c", FILLING, str(tmp_path)],
        preexec_fn=small_files, capture_output=True, text=True, check=True,
    )  # fmt: skip
    kept, _, sentence = done.stdout.partition(" ")

    assert 10 < int(kept) < 20
    assert "is full: the events just handed in were not kept, those before are; make room" in sentence
    with Spool(tmp_path) as spool:
        assert numbers(list(spool.pending())) == list(range(int(kept)))
        spool.add([entry(int(kept), size=1000)])
    with Spool(tmp_path) as spool:
        assert spool.waiting == int(kept) + 1


def test_a_disk_that_fails_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with Spool(tmp_path) as spool:
        spool.add([entry(1)])
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", fails)
            with pytest.raises(SpoolUnusable, match=r"cannot be written \(Input/output error\)"):
                spool.add([entry(2)])
        assert numbers(list(spool.pending())) == [1]
        spool.add([entry(2)])
        assert numbers(list(spool.pending())) == [1, 2]


def test_a_place_where_no_folder_can_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")

    with pytest.raises(SpoolUnusable, match=r"cannot be used \(Not a directory\): name a folder"):
        Spool(tmp_path / "file" / "spool")
