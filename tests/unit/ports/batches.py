"""Batches to read in tests: the printed example, and variants of it made record by record."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from streams.ports.abi.faults import Fault
from streams.ports.abi.filing import Filing
from streams.ports.abi.layout import layouts
from streams.ports.abi.reader import DamagedEnvelope, read_filings

EXAMPLE: Final = tuple((Path(__file__).parent / "ae_example.txt").read_text(encoding="ascii").splitlines())
SUMMARY: Final = EXAMPLE[2:15]
# Three sound neighbours of the example: entry numbers with true check digits of the same filer.
NUMBERS: Final = ("03245278", "03245286", "03245294", "03245302")


def summary(number: str = NUMBERS[0]) -> list[str]:
    """Return the example's thirteen records under another entry number."""
    return [SUMMARY[0][:8] + number + SUMMARY[0][16:], *SUMMARY[1:]]


def batch(*summaries: Sequence[str]) -> list[str]:
    """Put summaries into the example's envelope."""
    return [*EXAMPLE[:2], *(record for records in summaries for record in records), *EXAMPLE[15:]]


def changed(record: str, identifier: str, **values: str) -> str:
    """Return a record with some fields written anew, blanks at the right."""
    for name, value in values.items():
        field = layouts()[identifier].field(name)
        assert len(value) <= field.length
        record = record[: field.start - 1] + value.ljust(field.length) + record[field.end :]
    return record


def with_change(identifier: str, nth: int = 0, **values: str) -> list[str]:
    """Return the example summary with some fields of its nth record of an identifier written anew."""
    records = summary()
    places = [place for place, record in enumerate(records) if record.startswith(identifier)]
    records[places[nth]] = changed(records[places[nth]], identifier, **values)
    return records


def read(records: Sequence[str] | bytes, line_break: str = "\n") -> list[Filing | DamagedEnvelope]:
    """Read a file of records."""
    data = records if isinstance(records, bytes) else "".join(f"{r}{line_break}" for r in records).encode("latin-1")
    return list(read_filings(io.BytesIO(data)))


def filings(records: Sequence[str] | bytes, line_break: str = "\n") -> list[Filing]:
    """Read a file's filings, envelopes left out."""
    return [item for item in read(records, line_break) if isinstance(item, Filing)]


def all_faults(records: Sequence[str] | bytes) -> list[Fault]:
    """Read a file and return all its faults in order."""
    return [fault for item in read(records) for fault in item.faults]


def sound_numbers(records: Sequence[str] | bytes) -> list[str]:
    """Read a file and return the entry numbers of its sound filings."""
    return [filing.entry_number[3:] for filing in filings(records) if filing.is_sound]


Change = Callable[[list[str]], list[str]]
