"""Whatever happens to a file's bytes, reading it never fails, and summaries that were not touched survive."""

import io
import tracemalloc
from collections.abc import Iterator
from typing import BinaryIO, cast

from hypothesis import given
from hypothesis import strategies as st

from streams.ports.abi.filing import Filing
from streams.ports.abi.reader import read_filings

from .batches import NUMBERS, batch, filings, read, sound_numbers, summary

FILE = batch(*(summary(number) for number in NUMBERS))
FIRST_CONTENT, END_OF_CONTENT = 2, len(FILE) - 2
RECORDS_A_SUMMARY = len(summary())
LINE_BREAKS = st.sampled_from(["\n", "\r\n", ""])


def summary_of(record: int) -> set[str]:
    """Name the summary that a record (from 0) belongs to."""
    index = (record - FIRST_CONTENT) // RECORDS_A_SUMMARY
    return {NUMBERS[index]} if FIRST_CONTENT <= record < END_OF_CONTENT else set()


def assert_others_survive(data: bytes, touched: set[str]) -> None:
    """Check that every summary that was not touched is sound."""
    survivors = set(sound_numbers(data))
    assert survivors >= set(NUMBERS) - touched


@given(LINE_BREAKS, st.data())
def test_any_changed_byte_leaves_the_other_summaries(line_break: str, data: st.DataObject) -> None:
    """One byte of a summary is replaced by any other."""
    width = 80 + len(line_break)
    text = "".join(f"{record}{line_break}" for record in FILE).encode()
    place = data.draw(st.integers(FIRST_CONTENT * width, END_OF_CONTENT * width - 1))
    byte = data.draw(st.integers(0, 255))

    damaged = text[:place] + bytes([byte]) + text[place + 1 :]

    assert_others_survive(damaged, summary_of(place // width) | summary_of((place + len(line_break)) // width))


@given(LINE_BREAKS, st.data())
def test_any_cut_leaves_the_other_summaries(line_break: str, data: st.DataObject) -> None:
    """Up to 30 bytes of a summary are lost, line breaks among them."""
    width = 80 + len(line_break)
    text = "".join(f"{record}{line_break}" for record in FILE).encode()
    place = data.draw(st.integers(FIRST_CONTENT * width, END_OF_CONTENT * width - 31))
    length = data.draw(st.integers(1, 30))

    damaged = text[:place] + text[place + length :]

    touched = summary_of((place - 1) // width) | summary_of(place // width) | summary_of((place + length) // width)
    assert_others_survive(damaged, touched)


@given(LINE_BREAKS, st.binary(min_size=1, max_size=30), st.data())
def test_any_insertion_leaves_the_other_summaries(line_break: str, inserted: bytes, data: st.DataObject) -> None:
    """Up to 30 bytes come in between."""
    width = 80 + len(line_break)
    text = "".join(f"{record}{line_break}" for record in FILE).encode()
    place = data.draw(st.integers((FIRST_CONTENT + 1) * width, END_OF_CONTENT * width - 1))

    damaged = text[:place] + inserted + text[place:]

    assert_others_survive(damaged, summary_of((place - 1) // width) | summary_of(place // width))


@given(LINE_BREAKS, st.integers(FIRST_CONTENT, END_OF_CONTENT - 1), st.integers(1, 3))
def test_any_lost_record_leaves_the_other_summaries(line_break: str, first: int, count: int) -> None:
    """One to three whole records are lost."""
    last = min(first + count, END_OF_CONTENT)
    damaged = FILE[:first] + FILE[last:]
    text = "".join(f"{record}{line_break}" for record in damaged).encode()

    assert_others_survive(text, summary_of(first) | summary_of(last - 1))


@given(LINE_BREAKS, st.integers(FIRST_CONTENT + 1, END_OF_CONTENT - 1), st.integers(0, len(FILE) - 1))
def test_any_record_in_the_wrong_place_leaves_the_other_summaries(line_break: str, place: int, which: int) -> None:
    """A record of the file stands once more, in the wrong place; an envelope's record may end a block."""
    inserted = FILE[which]
    if inserted[0] in "ABYZ":
        return
    damaged = [*FILE[:place], inserted, *FILE[place:]]
    text = "".join(f"{record}{line_break}" for record in damaged).encode()

    assert_others_survive(text, summary_of(place - 1) | summary_of(place))


@given(st.binary(max_size=2000))
def test_any_bytes_at_all_are_read_without_failing(data: bytes) -> None:
    """A file that is no batch gives faults and no sound filing."""
    items = read(data)

    assert not any(isinstance(item, Filing) and item.is_sound for item in items)
    assert any(item.faults for item in items)


BARE_RECORDS = [identifier.ljust(80) for identifier in ("10", "40", "90", "PG01")]


@given(st.lists(st.sampled_from([*FILE, *BARE_RECORDS]), max_size=40))
def test_any_sequence_of_records_is_read_without_failing(records: list[str]) -> None:
    """Records in any order give filings and faults, and every record belongs to something."""
    items = read(records)

    assert all(item.faults or isinstance(item, Filing) for item in items)


class Endless(io.RawIOBase):
    """A file of very many summaries that exists only as it is read."""

    def __init__(self, count: int) -> None:
        head, tail = "".join(f"{r}\n" for r in FILE[:2]).encode(), "".join(f"{r}\n" for r in FILE[-2:]).encode()
        self._body = "".join(f"{record}\n" for record in summary()).encode()
        self._length = len(head) + count * len(self._body) + len(tail)
        self._head, self._tail, self._at = head, tail, 0

    def seekable(self) -> bool:
        """Say that it can be read again."""
        return True

    def tell(self) -> int:
        """Say where it stands."""
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go back to the start."""
        assert whence == 0
        self._at = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        """Make the next piece."""
        start, end = self._at, min(self._at + size, self._length)
        self._at = end
        return self._piece(start, end)

    def _piece(self, start: int, end: int) -> bytes:
        body_start, body_end = len(self._head), self._length - len(self._tail)
        parts, at = [], start
        while at < end:
            if at < body_start:
                part = self._head[at:]
            elif at < body_end:
                part = (self._body * 64)[(at - body_start) % len(self._body) :][: body_end - at]
            else:
                part = self._tail[at - body_end :]
            parts.append(part[: end - at])
            at += len(parts[-1])
        return b"".join(parts)


def test_memory_does_not_grow_with_the_file() -> None:
    """Four times the summaries need no more memory: nothing but the current summary is held."""

    def peak(count: int) -> int:
        stream = cast("BinaryIO", Endless(count))
        tracemalloc.start()
        read_all = sum(isinstance(item, Filing) and item.is_sound for item in read_filings(stream))
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert read_all == count
        return highest

    assert peak(1000) < 1.5 * peak(250)


def test_a_pipe_is_spooled_and_read() -> None:
    """What cannot be read twice is read all the same."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    text = "".join(f"{record}\n" for record in FILE).encode()
    items: Iterator[object] = read_filings(Pipe(text))

    assert [item.entry_number[3:] for item in items if isinstance(item, Filing)] == list(NUMBERS)


def test_stray_records_are_given_in_bounded_groups() -> None:
    """A file without any header does not gather in memory."""
    strays = filings([FILE[5]] * 2500)

    assert [stray.last_record - stray.first_record + 1 for stray in strays] == [1000, 1000, 500]
