"""The single values of Avro bodies, as generated readers and writers handle them.

Text in which each character is one byte (Latin-1) stands for bytes: a slice of it is a decoded ASCII string, and a
body is written by joining strings. Strings beyond ASCII take a slower way.

Source: Apache Avro 1.12 specification, "Binary encoding".
"""

import struct
from datetime import date, datetime
from typing import Any, Final

_ONE_BYTE: Final = 0x80
TWO_BYTES: Final = 1 << 14
"""Zigzag numbers below it take two bytes at most."""
FOUR_BYTES: Final = 1 << 28
"""Zigzag numbers below it take four bytes at most."""
SIX_BYTES: Final = 1 << 42
"""Zigzag numbers below it take six bytes at most."""
_LONG_BITS: Final = 64
_INT_LIMIT: Final = 1 << 31
_LONG_LIMIT: Final = 1 << 63
_MAX_SHIFT: Final = 63
_KEPT: Final = 65_536
SHORT_LENGTH: Final = TWO_BYTES >> 1
"""Lengths below it take two bytes at most."""
_LONGEST_KEPT: Final = 48
"""Long enough for codes and for the names of topics and rules, too short for sentences."""

_EPOCH: Final = date(1970, 1, 1).toordinal()
_EPOCH_AT: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


# What generated readers call.

STEPS: Final = tuple([1 + (byte >> 1) if byte < _ONE_BYTE and not byte & 1 else 0 for byte in range(256)])
"""How far a string reaches whose length is one byte; 0 where the length takes more, or is negative."""

ZIGZAG: Final = tuple([byte >> 1 ^ -(byte & 1) for byte in range(_ONE_BYTE)])


def read_long(data: bytes, at: int) -> tuple[int, int]:
    """Return a number and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < _ONE_BYTE:
            break
        shift += 7
        if shift > _MAX_SHIFT:
            msg = "a number takes more than ten bytes"
            raise ValueError(msg)
    if value >> _LONG_BITS:
        msg = "a number has more than 64 bits"
        raise ValueError(msg)
    return value >> 1 ^ -(value & 1), at


def read_instant(data: bytes, at: int) -> tuple[int, int]:
    """Return milliseconds since 1970 and where they end.

    Those of our days are positive and take six bytes: three pairs that are looked up cost a third of six bytes.
    """
    try:
        low, middle, high = _THREE_PAIRS(data, at)
    except struct.error:
        return read_long(data, at)
    at_ms = _LOW[low] + _MIDDLE[middle] + _HIGH[high]
    return (at_ms, at + 6) if at_ms >= 0 else read_long(data, at)


def _pairs(first: range, second: range, shift: int) -> list[int]:
    """Return what two bytes of a zigzag number, taken as a little-endian one, add to the value."""
    added = [_NO_INSTANT] * (1 << 16)
    lows = [(low & 0x7F) << shift >> 1 for low in first]
    for high in second:
        row = high << 8
        more = (high & 0x7F) << shift + 6
        added[row + first.start : row + first.stop : first.step] = [low + more for low in lows]
    return added


_NO_INSTANT: Final = -1 << 60
"""Two bytes that no instant of our days has: then the sum is negative."""

_THREE_PAIRS: Final = struct.Struct("<HHH").unpack_from
_LOW: Final = _pairs(range(0x80, 0x100, 2), range(0x80, 0x100), 0)
_MIDDLE: Final = _pairs(range(0x80, 0x100), range(0x80, 0x100), 14)
_HIGH: Final = _pairs(range(0x80, 0x100), range(0x80), 28)


def read_text(data: bytes, text: str, at: int) -> tuple[str, int]:
    """Return a string, still as Latin-1, and where it ends."""
    length, at = read_long(data, at)
    if not 0 <= length <= len(data) - at:
        msg = "a string reaches beyond the data"
        raise ValueError(msg)
    return text[at : at + length], at + length


def read_count(data: bytes, at: int) -> tuple[int, int]:
    """Return how many items follow in an array's block, and where they begin."""
    count, at = read_long(data, at)
    if count < 0:
        count = -count
        _, at = read_long(data, at)
    # An end that takes more than one byte would be none for the generated loop: no writer makes such.
    if not 0 < count <= len(data) - at:
        msg = "an array has more items than bytes are left, or an end of several bytes"
        raise ValueError(msg)
    return count, at


def utf8(text: str) -> str:
    """Return what Latin-1 text says as UTF-8."""
    return text.encode("latin-1").decode()


def wrong_branch() -> None:
    """Refuse what is neither null nor the value of an option."""
    msg = "an option is neither null nor a value"
    raise ValueError(msg)


# What generated writers call.


class Texts(dict[Any, str]):
    """Strings with their lengths in front, as Latin-1: codes come again and again, so short ones are kept.

    Fields that name something, whose texts hardly come again, are written without it.
    """

    def __missing__(self, value: str) -> str:
        """Return a string as it is written."""
        if value.isascii():
            length = len(value)
            written = (FINAL_PAIRS[length << 1] if length < SHORT_LENGTH else write_long(length)) + value
        else:
            data = value.encode()
            written = write_long(len(data)) + data.decode("latin-1")
        if len(value) <= _LONGEST_KEPT and len(self) < _KEPT:
            self[value] = written
        return written


class Days(dict[Any, str]):
    """Dates as they are written, from `date` or days since 1970-01-01; they come again and again."""

    def __missing__(self, value: date | int) -> str:
        """Return a date as it is written."""
        written = write_int(value.toordinal() - _EPOCH if isinstance(value, date) else value)
        if len(self) < _KEPT:
            self[value] = written
        return written


def write_long(value: int) -> str:
    """Return a 64-bit number as it is written."""
    zigzag = value << 1
    if 0 <= zigzag < TWO_BYTES:
        return FINAL_PAIRS[zigzag]
    if 0 < zigzag < SIX_BYTES:
        middle = zigzag >> 14
        first = LEADING_PAIRS[zigzag & 0x3FFF]
        if middle < TWO_BYTES:
            return first + FINAL_PAIRS[middle]
        return first + LEADING_PAIRS[middle & 0x3FFF] + FINAL_PAIRS[middle >> 14]
    return _any_long(value)


def _any_long(value: int) -> str:
    if not -_LONG_LIMIT <= value < _LONG_LIMIT:
        msg = "a long has 64 bits"
        raise ValueError(msg)
    rest = value << 1 ^ value >> 63
    written = []
    while rest >= _ONE_BYTE:
        written.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*written, rest]).decode("latin-1")


def write_int(value: int) -> str:
    """Return a 32-bit number as it is written."""
    if not -_INT_LIMIT <= value < _INT_LIMIT:
        msg = "an int has 32 bits"
        raise ValueError(msg)
    return _any_long(value)


def write_instant(value: int | datetime) -> str:
    """Return milliseconds since 1970 or an aware `datetime` as it is written."""
    if isinstance(value, datetime):
        since = value - _EPOCH_AT
        value = (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
    return write_long(value)


FINAL_PAIRS: Final = tuple([_any_long(value >> 1 ^ -(value & 1)) for value in range(TWO_BYTES)])
"""How a zigzag number below 2^14 is written, where nothing follows."""

LEADING_PAIRS: Final = tuple([chr(value & 0x7F | 0x80) + chr(value >> 7 | 0x80) for value in range(TWO_BYTES)])
"""How the low 14 bits of a larger zigzag number are written."""

FLAGS: Final = {False: "\0", True: "\1"}
