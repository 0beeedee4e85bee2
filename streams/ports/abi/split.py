"""Cut a file into records of 80 characters, with or without line breaks, and find the way back after damage."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, Final, NamedTuple

from streams.ports.abi.layout import RECORD_LENGTH, layouts

CHUNK_BYTES: Final = 1 << 17
# Far enough to judge where the next records begin, line breaks included, even if this one is too long.
LOOKAHEAD_BYTES: Final = 8 * RECORD_LENGTH
# What goes on longer is this record and a next one that lost some characters.
MOST_TOO_LONG: Final = RECORD_LENGTH + RECORD_LENGTH // 2
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
BLANK: Final = b" \r\n\x00\x1a"

RECORD_START: Final = re.compile(
    rb"1[01]|2[0-3]|3[0-6]|4[0-47]|5[0-4]|6[0-3]|8[89]|90|CW02|SE\d\d|PG\d\d|OI|E[01][ AR]"
    rb"|A[A-Z0-9]{7}|[BY]  \d{4}[A-Z0-9]{3}|Z[A-Z0-9]{7} {6}| {80}"
)


class Piece(NamedTuple):
    """Text between two record boundaries, 80 characters unless damaged, and its number in the file from 1."""

    number: int
    text: str

    @property
    def is_blank(self) -> bool:
        """Whether it holds nothing but blanks."""
        return not self.text.strip(BLANK.decode("ascii"))


def split_records(stream: BinaryIO) -> Iterator[Piece]:
    """Yield the file's records in order; blank lines and blank records count but are not yielded.

    Holds at most a chunk of the file. A line break ends a record wherever it stands; where none comes, a record
    ends after 80 characters, or where the following records say that it must have ended. A file is taken for one of
    lines until a record has no line break.
    """
    buffer, position, number, at_end, in_lines = b"", 0, 0, False, True
    while True:
        if not at_end and len(buffer) - position < LOOKAHEAD_BYTES:
            chunk = stream.read(CHUNK_BYTES)
            at_end = not chunk
            buffer, position = buffer[position:] + chunk, 0
            if number == 0 and buffer.startswith(BYTE_ORDER_MARK):
                position = len(BYTE_ORDER_MARK)
            continue
        if position >= len(buffer):
            return
        end, following = _boundaries(buffer, position, in_lines=in_lines)
        in_lines = following > end
        number += 1
        text = buffer[position:end]
        position = following
        # Within a file without line breaks, blanks of another length than a record's are the rest of a damaged one.
        is_rest = following == end and len(text) != RECORD_LENGTH and not (at_end and end == len(buffer))
        if is_rest or text.strip(BLANK):
            yield Piece(number, text.decode("latin-1"))


def _boundaries(buffer: bytes, start: int, *, in_lines: bool) -> tuple[int, int]:
    """Find where the record that begins at `start` ends, and where the next one begins.

    In a file of lines a line is a record, even if it is somewhat too long.
    """
    most = MOST_TOO_LONG if in_lines else RECORD_LENGTH
    line_end = buffer.find(b"\n", start, start + most + 2)
    end = line_end - 1 if line_end > start and buffer[line_end - 1] == ord("\r") else line_end
    if line_end < 0 or end > start + most:
        end = start + _length_without_break(buffer, start)
        return end, _after_break(buffer, end)
    return end, line_end + 1


def _after_break(buffer: bytes, end: int) -> int:
    """Skip a line break, if one stands here."""
    if buffer.startswith(b"\r\n", end):
        return end + 2
    return end + 1 if buffer.startswith(b"\n", end) else end


# So many records have to begin where 80 characters say; another length needs more, as chance finds some everywhere.
SIGHTINGS: Final = 3
SIGHTINGS_OF_DAMAGE: Final = 5


def _length_without_break(buffer: bytes, start: int) -> int:
    """Tell how long the record at `start` is when no line break ends it within 80 characters.

    80, unless the following records can be seen to begin at a distance that only another length explains.
    """
    available = len(buffer) - start
    if available <= RECORD_LENGTH or _records_seen(buffer, start + RECORD_LENGTH, SIGHTINGS):
        return min(available, RECORD_LENGTH)
    if _is_well_formed(buffer[start : start + RECORD_LENGTH]):
        return RECORD_LENGTH
    shorter = range(RECORD_LENGTH - 1, 0, -1)
    longer = range(RECORD_LENGTH + 1, min(available, MOST_TOO_LONG) + 1)
    for length in chain(shorter, longer):
        if _records_seen(buffer, start + length, SIGHTINGS_OF_DAMAGE):
            return length
    return RECORD_LENGTH


def _is_well_formed(text: bytes) -> bool:
    """Whether 80 characters fit the layout of the record that they begin like: then any damage is the next one's."""
    record = text.decode("latin-1")
    names = (record[:1], record[:2], record[:4], f"AX:{record[:2]}")
    return any(name in layouts() and layouts()[name].read(record) is not None for name in names)


def _records_seen(buffer: bytes, first: int, count: int) -> bool:
    """Whether so many records in a row begin as records do, or the file ends."""
    position = _after_break(buffer, first)
    for _ in range(count):
        if position <= len(buffer) < position + RECORD_LENGTH and not buffer[position:].strip(BLANK):
            return True
        if RECORD_START.match(buffer, position) is None:
            return False
        position = _after_break(buffer, position + RECORD_LENGTH)
    return True
