"""Whether an importer's history makes its events dearer: `python -m bench.history [ENTRIES]`.

An importer with 1,000,000 entries beside importers with 10: the same events, in turns, through the processor over a
real store, without a broker. Processor time of this process only; the first round warms up and is left out. Then the
largest record of the state, key and value.
"""

import gc
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from bench.processing import BATCH, RECORD_BYTES, Partition, decide
from streams.contract.codec import Codec
from streams.contract.keys import account_key
from streams.contract.topics import TopicNames
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.engine.store import StoreMemory
from streams.engine.world import Checkpoint
from streams.ports.numbers import check_digit
from streams.processor.clock import TimeSource
from streams.processor.processor import PlacementProcessor

ENTRIES: Final = 1_000_000
SMALL: Final = 10
ROUNDS: Final = 7
EACH: Final = 400
"""Entries to which something happens in one round: three events each."""
DAY_MS: Final = 86_400_000
FIRST_DAY: Final = (date(2025, 3, 1) - date(1970, 1, 1)).days
DAYS: Final = 330
BIG: Final = "98-000000000"
CODES: Final = ("8471300100", "6109100012", "9503000073", "8517130000", "4202310000", "7318150000", "3926909985")
FACTS: Final = ("entry_summary_paid", "liquidation_scheduled")


class History:
    """One partition that takes everything, and what it costs."""

    def __init__(self, folder: Path) -> None:
        self._codec = Codec()
        rules = PlacementRules(PlacementPolicy(), published_coverage())
        self._processor = PlacementProcessor(self._codec, TopicNames(), 1, rules, TimeSource.EVENT)
        self._partition = Partition(0, folder, StoreMemory())
        self._batches = 0
        self.outcomes: Counter[str] = Counter()

    def take(self, name: str, fields: dict[str, Any], importer: str) -> None:
        """Append an event to the partition's log."""
        key = account_key(importer).encode()
        self._partition.take("entry-summary-event", key, self._codec.encode(name, fields))

    def work(self) -> float:
        """Process what was appended; return the seconds of processor time that it took."""
        began = time.process_time()
        decide(self._processor, self._partition, self.outcomes)
        changes = self._partition.state.encoded(RECORD_BYTES)
        self._batches += 1
        self._partition.store.write(changes, Checkpoint(self._batches, 0))
        self._partition.state.accept()
        spent = time.process_time() - began
        self._partition.out.drop()
        return spent

    def largest(self) -> tuple[int, bytes]:
        """Return size and prefix of the largest record of the state."""
        return max((len(key) + len(value), key[:2]) for key, value in self._partition.store.scan(b"", b"\xff"))


def entry_number(at: int) -> str:
    """Return a valid entry number."""
    stem = f"B7{at // 10_000_000}{at % 10_000_000:07d}"
    return f"{stem}{check_digit(stem)}"


def accepted(at: int, importer: str, day: int, version: str = "00100") -> dict[str, Any]:
    """Return the fields of a summary of three lines."""
    optional = (
        "preparer_filer", "port_of_unlading", "exam_port", "mode_of_transport", "consignee", "notify_party",
        "import_date", "estimated_entry_date", "release_date", "summary_date", "bond_type", "surety_code",
        "bond_amount_usd", "bond_waiver_reason", "team_number", "center", "psc_explanation",
    )  # fmt: skip
    accepted_ms = day * DAY_MS + 50_000_000 + int(version)
    lines = [_line(number, CODES[(at + number * number) % len(CODES)]) for number in range(1, 4)]
    totals = dict.fromkeys(("duty_cents", "fee_cents", "tax_cents", "ad_cents", "cvd_cents", "other_cents"), 0)
    summary = dict.fromkeys(optional) | {
        "entry_number": entry_number(at), "version": version, "accepted_at": accepted_ms, "filer_code": "B76",
        "port_of_entry": "2704", "entry_type": "01", "importer_of_record": importer, "entry_date": day,
        "psc_reasons": [], "census_warnings": [], "totals": totals, "lines": lines,
    }  # fmt: skip
    return _envelope(at, accepted_ms, version) | {"summary": summary}


def _line(number: int, htsus: str) -> dict[str, Any]:
    optional = ("country_of_export", "special_program", "charges_usd", "gross_weight_kg", "manufacturer_id")
    tariff = {"htsus": htsus, "duty_cents": 0, "value_usd": 1_000, "quantities": []}
    return dict.fromkeys(optional) | {
        "line_id": f"{number:03d}", "article_set": "", "country_of_origin": "CN", "tariffs": [tariff], "ad_cvd": [],
        "fees": [],
    }  # fmt: skip


def _envelope(at: int, instant_ms: int, word: str) -> dict[str, Any]:
    return {"event_id": f"{at:08x}-0000-4000-8000-{int(word):012x}", "event_time": instant_ms, "source": "2704"}


def happens(at: int, importer: str, day: int, last_day: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what happens to an entry in a round: it is replaced, paid, and its liquidation scheduled."""
    yield "entry_summary_replaced", accepted(at, importer, day, "00101")
    about = {"entry_number": entry_number(at), "importer_of_record": importer}
    paid: dict[str, Any] = {"paid_on": day + 10, "amount_cents": None, "statement_number": None}
    for place, (name, rest) in enumerate(zip(FACTS, (paid, {"liquidation_date": last_day + 200}), strict=True)):
        yield name, _envelope(at, (day + 10) * DAY_MS + place, str(200 + place)) | about | rest


def small_importer(number: int) -> str:
    """Return the number of one of the small importers."""
    return f"12-{number:07d}00"


def grown(history: History, entries: int) -> None:
    """Accept the entries of the big importer, day by day, and ten of each small one among them."""
    small = ROUNDS * EACH * SMALL
    for at in range(entries + small):
        day = FIRST_DAY + at * DAYS // (entries + small)
        big = at % (1 + entries // small) != 0 if entries > small else at >= small
        importer = BIG if big else small_importer(at % (ROUNDS * EACH))
        history.take("entry_summary_accepted", accepted(at, importer, day), importer)
        if at % BATCH == 0:
            history.work()
    history.work()


def measured(history: History, entries: int) -> tuple[float, float]:
    """Return microseconds per event of the big importer and of small ones: medians over rounds, in turns."""
    costs: dict[bool, list[float]] = {True: [], False: []}
    last_day = FIRST_DAY + DAYS
    new = entries + ROUNDS * EACH * SMALL
    for turn in range(ROUNDS):
        for big in (True, False):
            events = 0
            for one in range(EACH):
                importer = BIG if big else small_importer(turn * EACH + one)
                new += 1
                history.take("entry_summary_accepted", accepted(new, importer, last_day), importer)
                for name, fields in happens(new, importer, last_day, last_day):
                    history.take(name, fields, importer)
                    events += 1
                events += 1
            costs[big].append(history.work() / events * 1e6)
    return statistics.median(costs[True][1:]), statistics.median(costs[False][1:])


def main() -> None:
    """Measure and print."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder))
        began = time.process_time()
        grown(history, entries)
        print(f"an importer with {entries:,} entries, {time.process_time() - began:.0f} s to get there")
        gc.collect()
        gc.disable()
        big, small = measured(history, entries)
        size, prefix = history.largest()
    print(f"{big:.1f} µs per event with {entries:,} entries, {small:.1f} µs with {SMALL}: {big / small:.2f} times")
    print(f"largest record of the state: {size:,} bytes (prefix {prefix.decode()})")
    for outcome, count in history.outcomes.most_common():
        print(f"  {outcome:20} {count:>9,}")


if __name__ == "__main__":
    main()
