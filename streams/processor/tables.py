"""The parts of a partition's state: which key holds what.

| Key | Value |
|---|---|
| `i/<account>` | placement of an importer and its totals in the window |
| `q/<day>/<account>` | accounts by the day of their next review: a daily cut never scans all accounts |
| `d/<account>/<day>` | what is counted for an entry day |
| `j/<account>/<day><heading>` | the cells of one heading of a day that has thousands |
| `e/<account>/<entry>` | an entry's latest generation; former ones at `e/<account>/<entry>/<generation>` |
| `s/<account>/<entry>/<generation>/<chunk>` | the current summary as it came |
| `b/<account>/<entry>/<generation>/<version>` | a version of a corrected summary, its bytes at `s/<the same>/<chunk>` |
| `c/<account>/<case>` | an open case |
| `a/<account>/<appeal>` | an appeal against the placement |
| `f/<account>/<case>` | an open matter: a case with content of its own, as a protest |
| `n/<account>/<name>` | where a name leads: a protest to its case, an entry to its protest, a closed case to its end |
| `t/<day>/<account>/<name>` | entries and matters by the day on which their clocks are to be looked at |
| `h/<account>` | after which case a transfer of the account's cases has to go on |
| `x/<entry>` | account of an entry, in the partition of the entry number |
| `w/<entry>` | records that wait for an entry, and `v/<due>/<entry>` until when |
| `y/<entry>/<place>/<chunk>` | bytes of a record that waits, where they are many |
| `k/r/<number>` | account of an importer number that is, or was, not its base (P10), in the partition of the base |
| `k/o/<account>/<number>` | an importer number that leaves the account, and how far it has got |
| `k/i/<account>/<number>` | an importer number that arrives in the account |
| `k/l/<account>/<number>/<name>` | entries and matters that have come with it, and are to be settled |
| `k/q/<account>/<number>/<place>` | its events meanwhile, in their order; their bytes in chunks at `k/b/` |
| `r/head` | versions of the rules in the order in which they came, and `r/<event>/<chunk>` each as it came |
| `r/walk` | how far the accounts have been looked at under the latest rules |
| `m/clock` | greatest event time seen (historic loads) |
| `m/passed` | day before which nothing is listed any more that time has to look at |
"""

from struct import Struct
from typing import Final

from streams.customs.appeal import Appeal
from streams.customs.cases import Case
from streams.customs.entry_index import Holder
from streams.customs.entry_summary import Entry
from streams.customs.ledger import Ledger
from streams.customs.matters import Matter
from streams.customs.tariff_mix import DayCounts
from streams.engine.api import Table
from streams.processor.appeal_layout import dump_appeal, load_appeal
from streams.processor.case_layout import dump_case, dump_holder, load_case, load_holder
from streams.processor.entry_layout import dump_entry, load_entry
from streams.processor.ledger_layout import Cells, dump_cells, dump_day, dump_ledger, load_cells, load_day, load_ledger
from streams.processor.matter_layout import dump_matter, load_matter
from streams.processor.move_layout import (
    Arriving,
    Leaving,
    dump_arriving,
    dump_leaving,
    load_arriving,
    load_leaving,
)
from streams.processor.waiting_layout import Waiting, dump_waiting, load_waiting

_DAY: Final = Struct(">I")
_INSTANT: Final = Struct(">Q")


def day_bytes(day: int) -> bytes:
    """Return a day so that keys sort by it."""
    return _DAY.pack(day)


def due_bytes(instant_ms: int) -> bytes:
    """Return an instant so that keys sort by it."""
    return _INSTANT.pack(instant_ms)


def _same(value: bytes) -> bytes:
    return value


def _dump_instant(instant_ms: int) -> bytes:
    return _INSTANT.pack(instant_ms)


def _load_instant(data: bytes) -> int:
    instant_ms: int = _INSTANT.unpack(data)[0]
    return instant_ms


LEDGERS: Final[Table[Ledger]] = Table(b"i/", dump_ledger, load_ledger)
REVIEWS: Final[Table[bytes]] = Table(b"q/", _same, _same, is_cached=False)
DAYS: Final[Table[DayCounts]] = Table(b"d/", dump_day, load_day)
PARTS: Final[Table[Cells]] = Table(b"j/", dump_cells, load_cells)
ENTRIES: Final[Table[Entry]] = Table(b"e/", dump_entry, load_entry)
VERSIONS: Final[Table[Entry]] = Table(b"b/", dump_entry, load_entry)
SUMMARIES: Final[Table[bytes]] = Table(b"s/", _same, _same, is_cached=False)
CASES: Final[Table[Case]] = Table(b"c/", dump_case, load_case)
APPEALS: Final[Table[Appeal]] = Table(b"a/", dump_appeal, load_appeal)
MATTERS: Final[Table[Matter]] = Table(b"f/", dump_matter, load_matter)
NOTES: Final[Table[str]] = Table(b"n/", str.encode, bytes.decode)
DUE: Final[Table[bytes]] = Table(b"t/", _same, _same, is_cached=False)
TRANSFERS: Final[Table[str]] = Table(b"h/", str.encode, bytes.decode, is_cached=False)
HOLDERS: Final[Table[Holder]] = Table(b"x/", dump_holder, load_holder, is_cached=False)
WAITING: Final[Table[tuple[Waiting, ...]]] = Table(b"w/", dump_waiting, load_waiting, is_cached=False)
WAITING_BODIES: Final[Table[bytes]] = Table(b"y/", _same, _same, is_cached=False)
WAITING_UNTIL: Final[Table[bytes]] = Table(b"v/", _same, _same, is_cached=False)
ROUTES: Final[Table[str]] = Table(b"k/r/", str.encode, bytes.decode)
LEAVING: Final[Table[Leaving]] = Table(b"k/o/", dump_leaving, load_leaving)
ARRIVING: Final[Table[Arriving]] = Table(b"k/i/", dump_arriving, load_arriving)
ARRIVED: Final[Table[bytes]] = Table(b"k/l/", _same, _same, is_cached=False)
QUEUE: Final[Table[tuple[Waiting, ...]]] = Table(b"k/q/", dump_waiting, load_waiting)
QUEUE_BODIES: Final[Table[bytes]] = Table(b"k/b/", _same, _same, is_cached=False)
RULES: Final[Table[bytes]] = Table(b"r/", _same, _same)
CLOCK: Final[Table[int]] = Table(b"m/", _dump_instant, _load_instant)
CLOCK_KEY: Final = b"clock"
PASSED_KEY: Final = b"passed"
