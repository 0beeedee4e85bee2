"""The entry that a piece of work is about, as it is written there."""

from functools import lru_cache
from typing import Final

from streams.contract.schemas import Definition
from streams.customs.entry_summary import Entry, entry_day
from streams.customs.tariff import Day
from streams.processor.record_groups import KEPT, Fields, group_writers

ENTRY_GROUPS: Final = (
    ("entry_number",),
    ("generation", "version", "port_of_entry", "entry_type", "importer_of_record"),
    ("entry_date", "import_date", "liquidation_date"),
    ("lines",),
)
_ONE_ITEM: Final = "\2"
_END: Final = "\0"
"""Around the only item of an array."""


class EntryWriter:
    """Writes entries; type, port, importer and dates come again and again, and are kept as they were written."""

    def __init__(self, record: Definition) -> None:
        self._number, self._filing, self._dates, lines = group_writers(_items_of(record, "entries"), ENTRY_GROUPS)
        self._no_lines = lines({"lines": ()})
        self._filing_text = lru_cache(KEPT)(self._write_filing)
        self._dates_text = lru_cache(KEPT)(self._write_dates)

    def text(self, number: str, entry: Entry) -> str:
        """Return an entry as the only one of an array."""
        filing = self._filing_text(
            entry.generation, entry.version, port_of_entry(entry), entry.entry_type, entry.importer
        )
        dates = self._dates_text(entry_day(entry), entry.import_day, liquidation_day(entry))
        return f"{_ONE_ITEM}{self._number({'entry_number': number})}{filing}{dates}{self._no_lines}{_END}"

    def _write_filing(self, generation: int, version: str, port: str, entry_type: str, importer: str) -> str:
        return self._filing(filing_fields(generation, version, port, entry_type, importer))

    def _write_dates(self, entry_date: Day, import_date: Day, liquidation_date: Day) -> str:
        return self._dates(date_fields(entry_date, import_date, liquidation_date))


def entry_fields(number: str, entry: Entry) -> Fields:
    """Return what is said about an entry that a piece of work is about."""
    return {
        "entry_number": number,
        **filing_fields(entry.generation, entry.version, port_of_entry(entry), entry.entry_type, entry.importer),
        **date_fields(entry_day(entry), entry.import_day, liquidation_day(entry)),
        "lines": (),
    }


def filing_fields(generation: int, version: str, port: str, entry_type: str, importer: str) -> Fields:
    """Return what is said of how an entry was filed."""
    return {
        "generation": generation,
        "version": version or None,
        "port_of_entry": port or None,
        "entry_type": entry_type or None,
        "importer_of_record": importer or None,
    }


def date_fields(entry_date: Day, import_date: Day, liquidation_date: Day) -> Fields:
    """Return what is said of the dates of an entry."""
    return {
        "entry_date": entry_date or None,
        "import_date": import_date or None,
        "liquidation_date": liquidation_date or None,
    }


def port_of_entry(entry: Entry) -> str:
    """Return the port of entry; empty as long as it is not known."""
    return entry.ports[0] if entry.ports else ""


def liquidation_day(entry: Entry) -> Day:
    """Return the day of an entry's latest liquidation, or for which CBP has scheduled it; 0 if there is none."""
    return entry.reliquidated_day or entry.liquidated_day or entry.scheduled_day


def _items_of(definition: Definition, name: str) -> Definition:
    """Return the schema of the records in an array of a record."""
    [items] = [field["type"]["items"] for field in definition["fields"] if field["name"] == name]
    found: Definition = items
    return found
