"""Readers and writers of Avro bodies, generated as Python source from the schemas of the contract.

A straight line of byte code per schema beats the generic loop of fastavro here, in reading about twice, in writing
three to four times: most values of our records are short (a code, a small number, an absent option), and fastavro
tries every branch of an option on every value that it writes. What it can do is what our schemas use:
records, arrays, strings, ints, longs, booleans, and options (`["null", T]`). fastavro stays the judge in the tests
and resolves older versions.

How single values are read and written is in `primitives`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from streams.contract.primitives import (
    FINAL_PAIRS,
    FLAGS,
    FOUR_BYTES,
    LEADING_PAIRS,
    SHORT_LENGTH,
    SIX_BYTES,
    STEPS,
    TWO_BYTES,
    ZIGZAG,
    Days,
    Texts,
    read_count,
    read_instant,
    read_long,
    read_text,
    utf8,
    write_instant,
    write_int,
    write_long,
    wrong_branch,
)
from streams.contract.schemas import Definition

__all__ = ["Reader", "Writer", "compiled_reader", "compiled_writer", "write_long"]

Reader = Callable[[bytes, str, int], tuple[dict[str, Any], int]]
"""Takes bytes, the same as Latin-1 text, and the body's start; returns fields and the body's end.

Raises `ValueError` or `IndexError` for bytes that are no such body. An end beyond the data means a cut-off body.
"""

Writer = Callable[[Mapping[str, Any]], str]
"""Takes fields and returns the body as Latin-1 text.

Raises `KeyError` for a missing field, `TypeError`, `ValueError` or `AttributeError` for one of the wrong type.
"""

_OWN: Final = ("_id", "_number", "_key", "_of_record")
"""How fields end whose texts hardly come again: names of events and cases, numbers of entries and importers."""

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
            is_own = field["name"].endswith(_OWN)
            statements, part = self._value(field["type"], f"{value}[{field['name']!r}]", is_own=is_own)
            lines += statements
            parts.append(part)
        return lines, "".join(parts)

    def _value(self, schema: Any, value: str, *, is_own: bool = False) -> tuple[list[str], str]:  # noqa: ANN401, PLR0911 - as for the reader
        """Return the statements that go before, and the inside of an f-string that writes a value."""
        match schema:
            case {"type": "record"}:
                name = self._name()
                lines, part = self._record(schema, name)
                return [f"{name} = {value}", *lines], part
            case {"type": "array", "items": items}:
                return self._array(items, value)
            case ["null", inner]:
                return self._option(inner, value, is_own=is_own)
            case "string" if is_own:
                return self._own(value)
            case "string":
                return [], f"{{TEXTS[{value}]}}"
            case {"logicalType": "date"}:
                return [], f"{{DAYS[{value}]}}"
            case {"logicalType": "timestamp-millis"}:
                return self._instant(value)
            case "int" | "long":
                return self._number(value, schema)
            case "boolean":
                return [], f"{{FLAGS[{value}]}}"
        name = self._name()
        lines, part = self._record(self._named[schema], name)
        return [f"{name} = {value}", *lines], part

    def _own(self, value: str) -> tuple[list[str], str]:
        """A name that hardly comes again is written in line: looking it up and keeping it takes three times as long."""
        name = self._name()
        return [
            f"{name} = {value}",
            f"if {name}.isascii() and len({name}) < {SHORT_LENGTH}:",
            f"    {name} = FINAL_PAIRS[len({name}) << 1] + {name}",
            "else:",
            f"    {name} = TEXTS[{name}]",
        ], f"{{{name}}}"

    def _number(self, value: str, size: str) -> tuple[list[str], str]:
        name = self._name()
        pairs = f"LEADING_PAIRS[{name} & 16383] + FINAL_PAIRS[{name} >> 14]"
        return [
            f"{name} = {value} << 1",
            f"if 0 <= {name} < {TWO_BYTES}:",
            f"    {name} = FINAL_PAIRS[{name}]",
            f"elif 0 < {name} < {FOUR_BYTES}:",
            f"    {name} = {pairs}",
            "else:",
            f"    {name} = write_{size}({value})",
        ], f"{{{name}}}"

    def _instant(self, value: str) -> tuple[list[str], str]:
        """Milliseconds of our days take six bytes."""
        name = self._name()
        middle = f"LEADING_PAIRS[{name} >> 14 & 16383] + FINAL_PAIRS[{name} >> 28]"
        return [
            f"{name} = {value}",
            f"if {name}.__class__ is int and {FOUR_BYTES} <= {name} < {SIX_BYTES >> 1}:",
            f"    {name} <<= 1",
            f"    {name} = LEADING_PAIRS[{name} & 16383] + {middle}",
            "else:",
            f"    {name} = write_instant({name})",
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

    def _option(self, inner: Any, value: str, *, is_own: bool) -> tuple[list[str], str]:  # noqa: ANN401 - any part of parsed JSON
        name = self._name()
        lines, part = self._value(inner, name, is_own=is_own)
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
