"""Reads of a filing what the rules need, and walks over the rest: of a hundred values the rules look at ten.

The walk is generated from the schema, one straight line of code. It takes records of the newest version whose
text is plain ASCII, in single-object encoding and in the registry's framing, and raises `ValueError` or `IndexError`
for all others and for whatever is wrong with the bytes: then the codec reads the record, or says what is wrong.

In a record whose text is plain ASCII every byte above 127 belongs to a number. So comparing how many there are with
how many the numbers have tells whether all text is, without looking at each string.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from streams.contract.codec import Codec
from streams.contract.schemas import Definition, current_schema

Fields = dict[str, Any]
Walk = Callable[[bytes, str, int], tuple[Fields, int, int]]
"""Takes bytes, the same as Latin-1 text, and where the body begins; returns fields, where it ends, bytes above 127."""

FILINGS: Final = ("entry_summary_accepted", "entry_summary_replaced", "psc_accepted")

NEEDED: Final[Mapping[str, Any]] = {
    "event_id": None,
    "event_time": None,
    "source": None,
    "summary": {
        "entry_number": None,
        "version": None,
        "accepted_at": None,
        "port_of_entry": None,
        "port_of_unlading": None,
        "exam_port": None,
        "entry_type": None,
        "importer_of_record": None,
        "estimated_entry_date": None,
        "import_date": None,
        "entry_date": None,
        "release_date": None,
        "census_warnings": {},
        "lines": {"article_set": None, "tariffs": {"htsus": None, "value_usd": None}, "ad_cvd": {}},
    },
}
"""What the rules read. Items of arrays become tuples in this order; of an array without any, the number of items."""

_GROUNDS: Final[Mapping[str, Any]] = {"psc_reasons": {}, "psc_explanation": None}
NEEDED_OF: Final[Mapping[str, Mapping[str, Any]]] = {
    "entry_summary_accepted": NEEDED,
    "entry_summary_replaced": NEEDED,
    "psc_accepted": {**NEEDED, "summary": {**NEEDED["summary"], **_GROUNDS}},
}
"""The same by the kind of filing: of a correction also why it was made."""

_MARKER: Final = b"\xc3\x01"
_HEADER: Final = 10
_FRAMED_HEADER: Final = 5
_HIGH: Final = bytes(range(128, 256))
_STEPS: Final = tuple([1 + (byte >> 1) if byte < 128 and not byte & 1 else 0 for byte in range(256)])  # noqa: PLR2004
"""How far a string reaches whose length is one byte; 0 where the length takes more, or is negative."""


class FilingReader:
    """Reads filings; make one and keep it."""

    def __init__(self, codec: Codec) -> None:
        schemas = [current_schema(name) for name in FILINGS]
        self._walks = {
            _MARKER + schema.fingerprint: (schema.name, compiled_walk(schema.definition, NEEDED_OF[schema.name]))
            for schema in schemas
        }
        framed = {codec.header(name): self._walks[_MARKER + current_schema(name).fingerprint] for name in FILINGS}
        self._framed = {header: walk for header, walk in framed.items() if len(header) == _FRAMED_HEADER}

    def read(self, data: bytes) -> tuple[str, Fields] | None:
        """Return name and needed fields of a filing; None for any other record, and where the codec has to look."""
        begin = _HEADER
        found = self._walks.get(data[:_HEADER])
        if found is None:
            if not self._framed:
                return None
            begin = _FRAMED_HEADER
            found = self._framed.get(data[:_FRAMED_HEADER])
            if found is None:
                return None
        name, walk = found
        try:
            fields, end, high = walk(data, data.decode("latin-1"), begin)
        except (ValueError, IndexError):
            return None
        # The header's own bytes above 127 are no part of the body.
        body = data[begin:]
        is_plain = len(body) - len(body.translate(None, _HIGH)) == high
        return (name, fields) if end == len(data) and is_plain else None


def projected(name: str, fields: Fields) -> Fields:
    """Return of a whole filing what `FilingReader` would have read."""
    return _of_record(fields, NEEDED_OF[name])


def _of_record(fields: Fields, needed: Mapping[str, Any]) -> Fields:
    return {name: _of_value(fields[name], wanted) for name, wanted in needed.items()}


def _of_value(value: Any, wanted: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - any value of a record
    if wanted is None:
        return value
    if isinstance(value, dict):
        return _of_record(value, wanted)
    return [tuple(_of_record(item, wanted).values()) for item in value] if wanted else len(value)


def compiled_walk(definition: Definition, needed: Mapping[str, Any]) -> Walk:
    """Return the walk over records of a schema that reads the needed fields."""
    source = _WalkSource(definition, needed)
    names: dict[str, Any] = {"STEPS": _STEPS, "number": _number, "long_text": _long_text, "wrong": _wrong}
    exec(compile(source.text, f"<walk of {definition['name']}>", "exec"), names)  # noqa: S102 - the source is ours
    walk: Walk = names["walk"]
    return walk


def _number(data: bytes, at: int, high: int) -> tuple[int, int, int]:
    """Return a number, where it ends, and the count of bytes above 127."""
    value = shift = 0
    first = at
    while (byte := data[at]) > 127:  # noqa: PLR2004 - the highest byte that ends a number
        value |= (byte & 127) << shift
        shift += 7
        at += 1
    if at - first > _MOST_HIGH_BYTES:
        _wrong()
    value |= byte << shift
    return value >> 1 ^ -(value & 1), at + 1, high + at - first


_MOST_HIGH_BYTES: Final = 8
"""Numbers that take ten bytes are left to the codec: some of them have more than 64 bits."""


def _long_text(data: bytes, at: int, high: int) -> tuple[int, int]:
    """Return where a string of more than 63 bytes ends, and the count of bytes above 127."""
    length, at, high = _number(data, at, high)
    if length < 0:
        _wrong()
    return at + length, high


def _wrong() -> None:
    msg = "nothing that a walk takes"
    raise ValueError(msg)


class _WalkSource:
    """Source of `walk(d, t, p)`: `c` counts bytes above 127."""

    def __init__(self, definition: Definition, needed: Mapping[str, Any]) -> None:
        self._count = 0
        lines, result = self._record(definition, needed)
        self.text = "\n".join(["def walk(d, t, p):", "    c = 0", *_indented(lines), f"    return {result}, p, c", ""])

    def _name(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def _record(self, schema: Definition, needed: Mapping[str, Any]) -> tuple[list[str], str]:
        """Return the statements that walk over a record, and the expression of its needed fields."""
        lines, read = self._fields(schema, needed)
        return lines, "{" + ", ".join(f"{name!r}: {read[name]}" for name in needed) + "}"

    def _fields(self, schema: Definition, needed: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
        lines: list[str] = []
        read: dict[str, str] = {}
        for field in schema["fields"]:
            name = field["name"]
            if name in needed:
                statements, read[name] = self._read(field["type"], needed[name])
                lines += statements
            else:
                lines += self._skip(field["type"])
        return lines, read

    def _read(self, schema: Any, needed: Mapping[str, Any] | None) -> tuple[list[str], str]:  # noqa: ANN401 - JSON
        """Return the statements that read a value, and the expression that it is afterwards."""
        name = self._name()
        match schema:
            case {"type": "record"}:
                assert needed is not None
                return self._record(schema, needed)
            case {"type": "array", "items": items}:
                assert needed is not None
                return self._array(items, needed, name), name
            case {"type": inner}:
                return self._read(inner, needed)
            case ["null", inner]:
                statements, value = self._read(inner, needed)
                return [f"{name} = None", *_option([*statements, f"{name} = {value}"])], name
            case "string":
                return ["n = STEPS[d[p]]", "if not n:", "    wrong()", f"{name} = t[p + 1 : p + n]", "p += n"], name
        return _number_lines(name), name

    def _array(self, items: Any, needed: Mapping[str, Any], name: str) -> list[str]:  # noqa: ANN401 - JSON
        """Return the statements that read an array of one block; other writers' blocks are left to the codec."""
        if not needed:
            return self._items(self._skip(items), name)
        statements, read = self._fields(items, needed)
        values = name + "s"
        each = [*statements, f"{values}.append(({', '.join(read[field] for field in needed)}))"]
        return [f"{values} = []", *self._items(each, name), f"{name} = {values}"]

    def _items(self, each: list[str], count: str) -> list[str]:
        """Return the statements that walk over the items of an array, and leave their number."""
        block = ["if " + count + " < 0:", "    wrong()", f"for _ in range({count}):", *_indented(each)]
        return [*_number_lines(count), f"if {count}:", *_indented([*block, "if d[p]:", "    wrong()", "p += 1"])]

    def _skip(self, schema: Any) -> list[str]:  # noqa: ANN401, PLR0911 - JSON; one answer for each kind of schema
        match schema:
            case {"type": "record"}:
                return self._fields(schema, {})[0]
            case {"type": "array", "items": items}:
                return self._items(self._skip(items), self._name())
            case {"type": inner}:
                return self._skip(inner)
            case ["null", inner]:
                return _option(self._skip(inner))
            case "string":
                return ["n = STEPS[d[p]]", "if n:", "    p += n", "else:", "    p, c = long_text(d, p, c)"]
            case "boolean":
                return ["if d[p] > 1:", "    wrong()", "p += 1"]
        return ["q = p", "while d[q] > 127:", "    q += 1", "c += q - p", "if q - p > 8:", "    wrong()", "p = q + 1"]


def _number_lines(name: str) -> list[str]:
    """Return the statements that read a number; the subtracted amounts are the sums of the continuation bits."""
    return [
        "n = d[p]",
        "if n < 128:",
        f"    {name} = n >> 1 ^ -(n & 1)",
        "    p += 1",
        "elif (m := d[p + 1]) < 128:",
        "    n += (m << 7) - 128",
        f"    {name} = n >> 1 ^ -(n & 1)",
        "    p += 2",
        "    c += 1",
        "elif (k := d[p + 2]) < 128:",
        "    n += (m << 7) + (k << 14) - 16512",
        f"    {name} = n >> 1 ^ -(n & 1)",
        "    p += 3",
        "    c += 2",
        "else:",
        f"    {name}, p, c = number(d, p, c)",
    ]


def _option(present: list[str]) -> list[str]:
    return ["n = d[p]", "p += 1", "if n == 2:", *_indented(present), "elif n:", "    wrong()"]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
