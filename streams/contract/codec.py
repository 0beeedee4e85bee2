"""Bytes of records: Avro single-object encoding, or Confluent framing where a registry is used; both are read.

Decoded values are plain: dates are days since 1970-01-01 (`int`), timestamps milliseconds since then in UTC
(`int`), for the processor compares and stores them as such, and making `date` and `datetime` objects costs more
than reading them. Encoding takes `date` and aware `datetime` as well. Every field is present in what is decoded;
`None` stands for an optional one that was not told.

The newest version of each record is read and written by `compiled`; older versions, and newer ones from a
registry, go through fastavro, which resolves them to the newest one that this program knows.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from io import BytesIO
from types import MappingProxyType
from typing import Any, Final

from fastavro import parse_schema, schemaless_reader, schemaless_writer
from fastavro.schema import to_parsing_canonical_form

from streams.contract.compiled import Reader, Writer, compiled_reader, compiled_writer
from streams.contract.errors import UndecodableRecord, UnencodableRecord
from streams.contract.schemas import NAMESPACE, Definition, RecordSchema, fingerprint_of, record_schemas

Fields = dict[str, Any]
SchemaById = Callable[[int], str]
"""Returns the text of the schema that a registry holds under an id.

Raises `KeyError` for an unknown id, and `SchemaPending` where the registry has not answered yet.
"""

MAX_BYTES: Final = 3 * 1024 * 1024
"""Larger values are not decoded: the largest summary that AE allows has 1.33 MB (998 lines, 32 numbers each)."""

HEADER_BYTES: Final = 10
"""What stands before a body in single-object encoding: a marker and the schema's fingerprint."""

FRAMED_HEADER_BYTES: Final = 5
"""What stands before it in Confluent's framing: a zero byte and the schema's id."""

_MARKER: Final = b"\xc3\x01"
_CONFLUENT: Final = 0


class _Record:
    """The newest version of one record, compiled on first use."""

    def __init__(self, schema: RecordSchema, schema_id: int | None) -> None:
        self.name = schema.name
        self.definition = schema.definition
        header = _MARKER + schema.fingerprint if schema_id is None else framed_header(schema_id)
        self.header = header.decode("latin-1")
        self.headers = frozenset({_MARKER + schema.fingerprint, header})

    @cached_property
    def reader(self) -> Reader:
        return compiled_reader(self.definition)

    @cached_property
    def writer(self) -> Writer:
        return compiled_writer(self.definition)

    @cached_property
    def defaults(self) -> Fields:
        """Its own fields that may be left out, with what then stands for them."""
        return {field["name"]: field["default"] for field in self.definition["fields"] if "default" in field}

    @cached_property
    def head_reader(self) -> Reader:
        """Reads all fields but the last."""
        return compiled_reader(self._head)

    @cached_property
    def head_writer(self) -> Writer:
        """Writes all fields but the last."""
        return compiled_writer(self._head)

    @property
    def _head(self) -> Definition:
        return self.definition | {"fields": self.definition["fields"][:-1]}

    @cached_property
    def last_field(self) -> tuple[str, str]:
        """Name and canonical type of the last field."""
        last = self.definition["fields"][-1]
        return last["name"], to_parsing_canonical_form(last["type"])


class _Other:
    """A version that is not the newest one this program knows: read by resolution."""

    __slots__ = ("record", "writer")

    def __init__(self, record: _Record, definition: Definition) -> None:
        self.record = record
        self.writer: Any = parse_schema(without_logical_types(definition))

    def read(self, data: bytes, at: int) -> tuple[Fields, int]:
        """Return fields in the newest version, and where the body ends.

        The body is read twice: resolving, fastavro skips what the newest version does not have, and does not notice
        that a skipped text is cut off.
        """
        source = BytesIO(data)
        source.seek(at)
        schemaless_reader(source, self.writer, None)
        end = source.tell()
        source.seek(at)
        fields: Any = schemaless_reader(source, self.writer, without_logical_types(self.record.definition))
        return fields, end


class Codec:
    """Encodes and decodes all records of the contract; make one and keep it, it reads every schema.

    `schema_by_id` opens the Confluent framing; without it such bytes are of an unknown schema. `registered` are the
    ids of our own schemas in the registry: records whose newest version is among them are written in that framing.
    """

    def __init__(
        self, schema_by_id: SchemaById | None = None, registered: Mapping[RecordSchema, int] = MappingProxyType({})
    ) -> None:
        self._schema_by_id = schema_by_id
        self._records = {
            name: _Record(versions[-1], registered.get(versions[-1])) for name, versions in record_schemas().items()
        }
        self._by_header: dict[bytes, _Record | _Other] = {}
        self._by_id: dict[int, _Record | _Other] = {}
        for name, versions in record_schemas().items():
            record = self._records[name]
            for version in versions[:-1]:
                self._by_header[_MARKER + version.fingerprint] = _Other(record, version.definition)
            self._by_header[_MARKER + versions[-1].fingerprint] = record
        for schema, schema_id in registered.items():
            self._by_id[schema_id] = self._by_header[_MARKER + schema.fingerprint]

    @property
    def names(self) -> frozenset[str]:
        """Names of all records."""
        return frozenset(self._records)

    def header(self, name: str) -> bytes:
        """Return what stands before the body of a record that is encoded here. Raises `KeyError`."""
        return self._records[name].header.encode("latin-1")

    def headers(self, name: str) -> frozenset[bytes]:
        """Return what can stand before the body of a record in its newest version: one or two headers."""
        return self._records[name].headers

    def reader(self, name: str) -> Reader:
        """Return what reads the bodies of a record in its newest version. Raises `KeyError`."""
        return self._records[name].reader

    def name_of(self, data: bytes) -> str:
        """Return which record a value is, without reading its body. Raises as `decode` does."""
        reading, _ = self._reading(data)
        return reading.name if isinstance(reading, _Record) else reading.record.name

    def encode(self, name: str, fields: Mapping[str, object]) -> bytes:
        """Return a record in its newest version.

        Optional fields may be left out. Raises `UnencodableRecord`; `KeyError` for an unknown name.
        """
        record = self._records[name]
        try:
            return (record.header + record.writer(fields)).encode("latin-1")
        except KeyError:
            return self._encode_with_defaults(record, fields)
        except (TypeError, ValueError, AttributeError) as error:
            raise _unencodable(record) from error

    def _encode_with_defaults(self, record: _Record, fields: Mapping[str, object]) -> bytes:
        """Return a record some of whose fields are left out: most often of its own, else of its parts."""
        try:
            return (record.header + record.writer({**record.defaults, **fields})).encode("latin-1")
        except KeyError:
            return self._encode_by_library(record, fields)
        except (TypeError, ValueError, AttributeError) as error:
            raise _unencodable(record) from error

    def _encode_by_library(self, record: _Record, fields: Mapping[str, object]) -> bytes:
        out = BytesIO()
        out.write(record.header.encode("latin-1"))
        try:
            schemaless_writer(out, record.definition, fields)
        except Exception as error:
            raise _unencodable(record) from error
        return out.getvalue()

    def encode_with_last_of(self, donor: bytes, name: str, fields: Mapping[str, object]) -> bytes:
        """Return a record whose last field is the last one of another record, taken over without reading it.

        So a summary goes from the event that brought it into a snapshot at a tenth of the cost. `donor` is a whole
        record in either framing whose last field has the same name and type; `fields` are all the others.
        Raises `UndecodableRecord`, `UnencodableRecord`, and `ValueError` where the last fields differ.
        """
        record = self._records[name]
        giver, at = self._reading(donor)
        if isinstance(giver, _Other):
            _, given = self.decode(donor)
            return self.encode(name, {**fields, record.last_field[0]: given[record.last_field[0]]})
        if giver.last_field != record.last_field:
            msg = f"the last fields of {giver.name} and {name} differ"
            raise ValueError(msg)
        try:
            _, end = giver.head_reader(donor, donor.decode("latin-1"), at)
        except (ValueError, IndexError) as error:
            raise _undecodable(giver) from error
        try:
            return (record.header + record.head_writer(fields)).encode("latin-1") + donor[end:]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _unencodable(record) from error

    def decode(self, data: bytes) -> tuple[str, Fields]:
        """Return name and fields of a record in its newest version, whatever version it was written in.

        Raises `UndecodableRecord`, and `SchemaPending` where its schema has to be waited for.
        """
        reading, at = self._by_header.get(data[:HEADER_BYTES]), HEADER_BYTES
        if reading is None or len(data) > MAX_BYTES:
            reading, at = self._reading(data)
        if isinstance(reading, _Record):
            try:
                fields, end = reading.reader(data, data.decode("latin-1"), at)
            except (ValueError, IndexError) as error:
                raise _undecodable(reading) from error
            if end == len(data):
                return reading.name, fields
            record = reading
        else:
            record = reading.record
            try:
                fields, end = reading.read(data, at)
            except Exception as error:
                raise _undecodable(record) from error
        if end > len(data):
            raise _undecodable(record)
        if end < len(data):
            raise UndecodableRecord("trailing-bytes", f"{len(data) - end} bytes follow the {record.name}")
        return record.name, fields

    def _reading(self, data: bytes) -> tuple[_Record | _Other, int]:
        """Return how a value is read, and where its body begins."""
        if len(data) > MAX_BYTES:
            raise UndecodableRecord("too-large", f"{len(data)} bytes are more than {MAX_BYTES}")
        reading = self._by_header.get(data[:HEADER_BYTES])
        if reading is not None:
            return reading, HEADER_BYTES
        if not data:
            raise UndecodableRecord("empty", "the record has no value")
        if data[0] == _CONFLUENT and len(data) >= FRAMED_HEADER_BYTES:
            return self._registered(int.from_bytes(data[1:FRAMED_HEADER_BYTES], "big")), FRAMED_HEADER_BYTES
        if data.startswith(_MARKER) and len(data) >= HEADER_BYTES:
            raise UndecodableRecord("unknown-schema", f"no record has the fingerprint {data[2:HEADER_BYTES].hex()}")
        raise UndecodableRecord("undecodable", "the value begins with neither C3 01 nor 00 and a schema id")

    def _registered(self, schema_id: int) -> _Record | _Other:
        """Return how records of a registered schema are read. Raises `UndecodableRecord` and `SchemaPending`."""
        known = self._by_id.get(schema_id)
        if known is not None:
            return known
        if self._schema_by_id is None:
            raise UndecodableRecord("unknown-schema", f"schema {schema_id} is in a registry, and none is configured")
        try:
            text = self._schema_by_id(schema_id)
        except KeyError:
            raise UndecodableRecord("unknown-schema", f"the registry has no schema {schema_id}") from None
        try:
            reading = self._resolved(text)
        except Exception as error:  # whatever others have put into the registry
            raise UndecodableRecord("unknown-schema", f"the registry's schema {schema_id} is none of ours") from error
        self._by_id[schema_id] = reading
        return reading

    def _resolved(self, text: str) -> _Record | _Other:
        """Return how records of a schema that came from elsewhere are read. Raises `KeyError` for a foreign name."""
        known = self._by_header.get(_MARKER + fingerprint_of(text))
        if known is not None:
            return known
        schema = RecordSchema("", 0, text, b"")
        parsed: Any = parse_schema(schema.definition)
        return _Other(self._records[parsed["name"].removeprefix(f"{NAMESPACE}.")], schema.definition)


def framed_header(schema_id: int) -> bytes:
    """Return what Confluent's framing puts before a body: a zero byte and the schema's id."""
    return bytes((_CONFLUENT,)) + schema_id.to_bytes(4, "big")


def _undecodable(record: _Record) -> UndecodableRecord:
    return UndecodableRecord("undecodable", f"the bytes are no {record.name}")


def _unencodable(record: _Record) -> UnencodableRecord:
    # Without the library's message, which shows values: they may be personal.
    return UnencodableRecord(f"the fields do not have the shape of {record.name}")


def without_logical_types(definition: Definition) -> Definition:
    """Return a schema whose dates and timestamps are plain numbers; the bytes are the same."""
    plain: Definition = _plain(definition)
    return plain


def _plain(part: Any) -> Any:  # noqa: ANN401 - any part of parsed JSON
    if isinstance(part, dict):
        if "logicalType" in part:
            return part["type"]
        return {key: _plain(value) for key, value in part.items()}
    return [_plain(value) for value in part] if isinstance(part, list) else part
