"""Readers and writers of Avro bodies, generated as Python source from the schemas of the contract.

A straight line of byte code per schema beats the generic C loop of fastavro three to five times here, because most
values of our records are short: a code, a small number, an absent option. What it can do is what our schemas use:
records, arrays, strings, ints, longs, booleans, and options (`["null", T]`). fastavro stays the judge in the tests
and resolves older versions.

Both work on text in which each character is one byte (Latin-1): a slice of it is a decoded ASCII string, and a body
is written by joining strings. Strings beyond ASCII take a slower way.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from streams.contract.schemas import Definition

Reader = Callable[[bytes, str, int], tuple[dict[str, Any], int]]
"""Takes bytes, the same as Latin-1 text, and the body's start; returns fields and the body's end.

Raises `ValueError` or `IndexError` for bytes that are no such body. An end beyond the data means a cut-off body.
"""

Writer = Callable[[Mapping[str, Any]], str]
"""Takes fields and returns the body as Latin-1 text.

Raises `KeyError` for a missing field, `TypeError`, `ValueError` or `AttributeError` for one of the wrong type.
"""

_ONE_BYTE: Final = 0x80
_TWO_BYTES: Final = 1 << 14
_FOUR_BYTES: Final = 1 << 28
_SIX_BYTES: Final = 1 << 42
_LONG_BITS: Final = 64
_INT_LIMIT: Final = 1 << 31
_LONG_LIMIT: Final = 1 << 63
_CONTINUATIONS: Final = 0x8080_8080_8080
_OF_SIX_BYTES: Final = 0x0080_8080_8080
_MAX_SHIFT: Final = 63
_KEPT: Final = 65_536
_SHORT: Final = 10
"""Long enough for tariff numbers, too short for the numbers of entries and importers, which would crowd them out."""

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
    """Return milliseconds since 1970 and where they end; those of our days take six bytes."""
    word = int.from_bytes(data[at : at + 6], "little")
    if word & _CONTINUATIONS != _OF_SIX_BYTES or word & 1:
        return read_long(data, at)
    return (
        word >> 1 & 0x3F
        | word >> 2 & 0x1FC0
        | word >> 3 & 0xFE000
        | word >> 4 & 0x7F00000
        | word >> 5 & 0x3F8000000
        | word >> 6 & 0x1FC00000000
    ), at + 6


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
    """Strings with their lengths in front, as Latin-1: codes come again and again, so short ones are kept."""

    def __missing__(self, value: str) -> str:
        """Return a string as it is written."""
        if value.isascii():
            written = write_long(len(value)) + value
        else:
            data = value.encode()
            written = write_long(len(data)) + data.decode("latin-1")
        if len(value) <= _SHORT and len(self) < _KEPT:
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
    if 0 <= zigzag < _TWO_BYTES:
        return FINAL_PAIRS[zigzag]
    if 0 < zigzag < _SIX_BYTES:
        middle = zigzag >> 14
        first = LEADING_PAIRS[zigzag & 0x3FFF]
        if middle < _TWO_BYTES:
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


FINAL_PAIRS: Final = tuple([_any_long(value >> 1 ^ -(value & 1)) for value in range(_TWO_BYTES)])
"""How a zigzag number below 2^14 is written, where nothing follows."""

LEADING_PAIRS: Final = tuple([chr(value & 0x7F | 0x80) + chr(value >> 7 | 0x80) for value in range(_TWO_BYTES)])
"""How the low 14 bits of a larger zigzag number are written."""

FLAGS: Final = {False: "\0", True: "\1"}

_NAMES: Final[Mapping[str, object]] = {
    "FLAGS": FLAGS,
    "STEPS": STEPS,
    "ZIGZAG": ZIGZAG,
    "FINAL_PAIRS": FINAL_PAIRS,
    "LEADING_PAIRS": LEADING_PAIRS,
    "TEXTS": Texts(),
    "DAYS": Days(),
    "read_long": read_long,
    "read_instant": read_instant,
    "read_text": read_text,
    "read_count": read_count,
    "utf8": utf8,
    "wrong_branch": wrong_branch,
    "write_long": write_long,
    "write_int": write_int,
    "write_instant": write_instant,
}


def compiled_reader(definition: Definition) -> Reader:
    """Return the reader of a record schema."""
    names: dict[str, Any] = dict(_NAMES)
    exec(compile(_ReaderSource(definition).text, f"<reader of {definition['name']}>", "exec"), names)  # noqa: S102 - the source is ours
    reader: Reader = names["read"]
    return reader


def compiled_writer(definition: Definition) -> Writer:
    """Return the writer of a record schema."""
    names: dict[str, Any] = dict(_NAMES)
    exec(compile(_WriterSource(definition).text, f"<writer of {definition['name']}>", "exec"), names)  # noqa: S102 - the source is ours
    writer: Writer = names["write"]
    return writer


class _ReaderSource:
    """Source of `read(d, t, p)`: everything in one function, so that all values are local names."""

    def __init__(self, definition: Definition) -> None:
        self._named: dict[str, Definition] = {}
        self._count = 0
        lines, result = self._value(definition)
        self.text = "\n".join(["def read(d, t, p):", *_indented(lines), f"    return {result}, p", ""])

    def _name(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def _value(self, schema: Any) -> tuple[list[str], str]:  # noqa: ANN401, PLR0911 - any part of parsed JSON; a table
        """Return the statements that read a value, and the expression that it is afterwards."""
        match schema:
            case {"type": "record"}:
                self._named[f"{schema['namespace']}.{schema['name']}"] = schema
                return self._record(schema)
            case {"type": "array", "items": items}:
                return self._array(items)
            case {"logicalType": "timestamp-millis"}:
                name = self._name()
                return [f"{name}, p = read_instant(d, p)"], name
            case {"type": inner}:
                return self._value(inner)
            case ["null", inner]:
                return self._option(inner)
            case "string":
                return self._text()
            case "int" | "long":
                return self._number()
            case "boolean":
                name = self._name()
                return [f"{name} = d[p] == 1", "if d[p] > 1:", "    wrong_branch()", "p += 1"], name
        return self._record(self._named[schema])

    def _record(self, schema: Definition) -> tuple[list[str], str]:
        lines: list[str] = []
        parts = []
        for field in schema["fields"]:
            statements, value = self._value(field["type"])
            lines += statements
            parts.append(f"{field['name']!r}: {value}")
        return lines, "{" + ", ".join(parts) + "}"

    def _array(self, items: Any) -> tuple[list[str], str]:  # noqa: ANN401 - any part of parsed JSON
        name, count = self._name(), self._name()
        statements, value = self._value(items)
        block = [
            f"{count} = ZIGZAG[{count}] if {count} < 128 else -1",
            f"if {count} > 0:",
            "    p += 1",
            "else:",
            f"    {count}, p = read_count(d, p)",
            f"for _ in range({count}):",
            *_indented([*statements, f"{name}.append({value})"]),
            f"{count} = d[p]",
        ]
        return [f"{name} = []", f"{count} = d[p]", f"while {count}:", *_indented(block), "p += 1"], name

    def _option(self, inner: Any) -> tuple[list[str], str]:  # noqa: ANN401 - any part of parsed JSON
        name = self._name()
        statements, value = self._value(inner)
        present = [*statements, f"{name} = {value}"]
        absent = ["if n:", "    wrong_branch()", f"{name} = None"]
        return ["n = d[p]", "p += 1", "if n == 2:", *_indented(present), "else:", *_indented(absent)], name

    def _text(self) -> tuple[list[str], str]:
        name = self._name()
        return [
            "e = p + STEPS[d[p]]",
            "if e > p:",
            f"    {name} = t[p + 1 : e]",
            "    p = e",
            "else:",
            f"    {name}, p = read_text(d, t, p)",
            f"if not {name}.isascii():",
            f"    {name} = utf8({name})",
        ], name

    def _number(self) -> tuple[list[str], str]:
        name = self._name()
        # The subtracted amounts are the sums of the continuation bits.
        return [
            "n = d[p]",
            "if n < 128:",
            f"    {name} = ZIGZAG[n]",
            "    p += 1",
            "elif (m := d[p + 1]) < 128:",
            "    n += (m << 7) - 128",
            f"    {name} = n >> 1 ^ -(n & 1)",
            "    p += 2",
            "elif (k := d[p + 2]) < 128:",
            "    n += (m << 7) + (k << 14) - 16512",
            f"    {name} = n >> 1 ^ -(n & 1)",
            "    p += 3",
            "elif (j := d[p + 3]) < 128:",
            "    n += (m << 7) + (k << 14) + (j << 21) - 2113664",
            f"    {name} = n >> 1 ^ -(n & 1)",
            "    p += 4",
            "else:",
            f"    {name}, p = read_long(d, p)",
        ], name


class _WriterSource:
    """Source of `write(v)` and of one function for each record in arrays."""

    def __init__(self, definition: Definition) -> None:
        self._functions: dict[str, str] = {}
        self._named: dict[str, Definition] = {}
        self._count = 0
        self._add_function("write", definition)
        self.text = "\n".join(self._functions.values())

    def _name(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def _add_function(self, name: str, schema: Definition) -> None:
        self._functions[name] = ""  # keeps its place and ends recursion
        lines, expression = self._record(schema, "v")
        self._functions[name] = "\n".join([f"def {name}(v):", *_indented(lines), f'    return f"{expression}"', ""])

    def _record(self, schema: Definition, value: str) -> tuple[list[str], str]:
        self._named[f"{schema['namespace']}.{schema['name']}"] = schema
        lines: list[str] = []
        parts = []
        for field in schema["fields"]:
            statements, part = self._value(field["type"], f"{value}[{field['name']!r}]")
            lines += statements
            parts.append(part)
        return lines, "".join(parts)

    def _value(self, schema: Any, value: str) -> tuple[list[str], str]:  # noqa: ANN401, PLR0911 - as for the reader
        """Return the statements that go before, and the inside of an f-string that writes a value."""
        match schema:
            case {"type": "record"}:
                name = self._name()
                lines, part = self._record(schema, name)
                return [f"{name} = {value}", *lines], part
            case {"type": "array", "items": items}:
                return self._array(items, value)
            case ["null", inner]:
                return self._option(inner, value)
            case "string":
                return [], f"{{TEXTS[{value}]}}"
            case {"logicalType": "date"}:
                return [], f"{{DAYS[{value}]}}"
            case {"logicalType": "timestamp-millis"}:
                return [], f"{{write_instant({value})}}"
            case "int" | "long":
                return self._number(value, schema)
            case "boolean":
                return [], f"{{FLAGS[{value}]}}"
        name = self._name()
        lines, part = self._record(self._named[schema], name)
        return [f"{name} = {value}", *lines], part

    def _number(self, value: str, size: str) -> tuple[list[str], str]:
        name = self._name()
        pairs = f"LEADING_PAIRS[{name} & 16383] + FINAL_PAIRS[{name} >> 14]"
        return [
            f"{name} = {value} << 1",
            f"if 0 <= {name} < {_TWO_BYTES}:",
            f"    {name} = FINAL_PAIRS[{name}]",
            f"elif 0 < {name} < {_FOUR_BYTES}:",
            f"    {name} = {pairs}",
            "else:",
            f"    {name} = write_{size}({value})",
        ], f"{{{name}}}"

    def _array(self, items: Any, value: str) -> tuple[list[str], str]:  # noqa: ANN401 - any part of parsed JSON
        name = self._name()
        each = self._each(items)
        written = f'write_long(len({name})) + "".join([{each} for v in {name}]) + "\\0"'
        return [f"{name} = {value}", f'{name} = {written} if {name} else "\\0"'], f"{{{name}}}"

    def _each(self, items: Any) -> str:  # noqa: ANN401 - any part of parsed JSON
        """Return the expression that writes an item `v` of an array."""
        if items == "string":
            return "TEXTS[v]"
        schema = items if isinstance(items, dict) else self._named[items]
        function = f"write_{schema['name']}"
        if function not in self._functions:
            self._named[f"{schema['namespace']}.{schema['name']}"] = schema
            self._add_function(function, schema)
        return f"{function}(v)"

    def _option(self, inner: Any, value: str) -> tuple[list[str], str]:  # noqa: ANN401 - any part of parsed JSON
        name = self._name()
        lines, part = self._value(inner, name)
        lines = [*lines, f'{name} = f"\\2{part}"']
        return [
            f"{name} = {value}",
            f"if {name} is None:",
            f'    {name} = "\\0"',
            "else:",
            *_indented(lines),
        ], f"{{{name}}}"


def _indented(lines: list[str], steps: int = 1) -> Iterator[str]:
    return (" " * 4 * steps + line for line in lines)
