"""Write single records and the envelope around them."""

from collections.abc import Mapping, Sequence
from datetime import date

from streams.ports.abi.dates import written_date
from streams.ports.abi.layout import RECORD_LENGTH, Field, layouts


def record_text(record: str, values: Mapping[str, object]) -> str:
    """Write one record of 80 characters; fields that are not given are blank.

    Raises `ValueError` for a value that does not fit, `KeyError` for a field that the record lacks.
    """
    layout = layouts()[record]
    text = [" "] * RECORD_LENGTH
    identifier = record.rpartition(":")[2]
    text[: len(identifier)] = identifier
    for name, value in values.items():
        item = layout.field(name)
        text[item.start - 1 : item.end] = _field_text(item, value)
    return "".join(text)


def _field_text(item: Field, value: object) -> str:
    if value is None:
        written = ""
    elif isinstance(value, date):
        written = written_date(value)
    elif isinstance(value, int):
        written = f"{value:0{item.length}d}"
    else:
        written = str(value)
    if len(written) > item.length:
        message = f"{item.name} of record {item.record} has {item.length} characters, too few for {written!r}"
        raise ValueError(message)
    return written.ljust(item.length)


def enveloped(records: Sequence[str], opening: Mapping[str, object], line_break: str) -> str:
    """Put blocks between records A and Z; `opening` are the fields of A."""
    ends = {"transmitter_id": records[0][7:10] if records else "000", **opening}
    closing = {name: ends[name] for name in ("site_code", "transmitter_id", "batch_date")}
    return "".join(f"{record}{line_break}" for record in (record_text("A", ends), *records, record_text("Z", closing)))
