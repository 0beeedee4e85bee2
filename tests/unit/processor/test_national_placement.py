"""Placement of the whole national sample, told once more in SQL over the raw events, cut by cut.

The second telling knows nothing of running totals, windows that move, reviews or cuts that are left out: at every
cut it asks the table of everything that stood then.
"""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, NamedTuple

from streams.contract.keys import account_key
from streams.customs.calendar import eastern_day_number
from streams.customs.policy import PlacementPolicy
from streams.customs.tariff import published_coverage
from streams.processor.clock import TimeSource
from streams.processor.encode_work import SLUGS
from streams.sample.events import SampleEvent
from streams.sample.national import NationalSample
from streams.sample.parameters import SampleParameters
from tests.unit.processor.kit import Cluster

SCALE = Fraction(1, 40_000)
FILED = ("entry_summary_accepted", "entry_summary_replaced", "psc_accepted")
ENDED = (
    "entry_summary_rejected",
    "entry_summary_deleted",
    "entry_summary_replace_failed",
    "entry_summary_inactivated",
    "entry_summary_cancelled",
)
POLICY = PlacementPolicy()
AT_A_CUT = """
    SELECT account, center, SUM(lines), SUM(value), MAX(entry_day)
    FROM votes WHERE known < :cut AND (gone IS NULL OR gone >= :cut) AND entry_day >= :cut - 365
    GROUP BY account, center
"""
HISTORY = """
    SELECT account, MIN(entry_day), MAX(entry_day)
    FROM votes WHERE known < :cut AND (gone IS NULL OR gone >= :cut) GROUP BY account
"""
FIRST = """
    SELECT account, known, center, lines, value FROM votes
    WHERE summary IN (SELECT MIN(summary) FROM votes GROUP BY account)
"""


class Place(NamedTuple):
    """A computed placement, and who has led it by ten points at how many consecutive cuts."""

    center: int
    since: int
    firm: bool
    challenger: int
    cuts: int


class Raw:
    """The raw events as a table of votes: what stood from which day to which."""

    def __init__(self) -> None:
        self.base = sqlite3.connect(":memory:")
        self.base.execute("CREATE TABLE votes (summary, account, entry, center, lines, value, entry_day, known, gone)")
        self.number = self.today = 0
        self.first_day = 0

    def take(self, event: SampleEvent) -> None:
        """Note what an event says of what stands; days are those on which it became known."""
        fields: dict[str, Any] = event.fields
        self.today = max(self.today, eastern_day_number(fields["event_time"]))
        self.first_day = self.first_day or self.today
        if event.name in FILED:
            self._file(fields["summary"])
        elif event.name in ENDED:
            self._end(fields["entry_number"])
        elif event.name == "entry_date_set":
            self._move(fields["entry_number"], fields["entry_date"])

    def _file(self, summary: dict[str, Any]) -> None:
        self._end(summary["entry_number"])
        if not POLICY.counts(summary["entry_type"]):
            return
        day = summary["entry_date"] or summary["release_date"] or summary["estimated_entry_date"]
        sums: dict[int, tuple[int, int]] = {}
        for line in summary["lines"]:
            goods = [tariff for tariff in line["tariffs"] if tariff["htsus"][:2] < "98"]
            if line["article_set"] != "V" and goods:
                center = published_coverage().in_force(day).center(goods[-1]["htsus"])
                value = sum(tariff["value_usd"] for tariff in line["tariffs"] if tariff["htsus"][:2] != "99")
                lines, known_value = sums.get(center, (0, 0))
                sums[center] = lines + 1, known_value + value
        self.number += 1
        account = account_key(summary["importer_of_record"])
        for center, (lines, value) in sums.items():
            row = (self.number, account, summary["entry_number"], center, lines, value, day, self.today)
            self.base.execute("INSERT INTO votes VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)", row)

    def _end(self, entry: str) -> None:
        self.base.execute("UPDATE votes SET gone = ? WHERE entry = ? AND gone IS NULL", (self.today, entry))

    def _move(self, entry: str, day: int) -> None:
        columns = "summary, account, entry, center, lines, value"
        moved = f"SELECT {columns}, ?, ?, NULL FROM votes WHERE entry = ? AND gone IS NULL"  # noqa: S608 - our columns
        rows = self.base.execute(moved, (day, self.today, entry)).fetchall()
        self._end(entry)
        self.base.executemany("INSERT INTO votes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def told_by_sql(raw: Raw) -> Iterator[tuple[int, dict[str, int]]]:
    """Yield for every day the Center of every importer, after its cut and what was placed on it."""
    places: dict[str, Place] = {}
    firsts: dict[tuple[str, int], list[tuple[int, int, int]]] = {}
    for account, known, center, lines, value in raw.base.execute(FIRST):
        firsts.setdefault((account, known), []).append((lines, value, -center))
    for cut in range(raw.first_day, raw.today + 1):
        counts: dict[str, list[tuple[int, int, int, int]]] = {}
        for account, center, lines, value, newest in raw.base.execute(AT_A_CUT, {"cut": cut}):
            counts.setdefault(account, []).append((center, lines, value, newest))
        for account, first_day, last_day in raw.base.execute(HISTORY, {"cut": cut}):
            if account in places and cut - last_day <= POLICY.stale_after_days:
                places[account] = after_cut(places[account], counts.get(account, []), cut, cut - first_day)
        for (account, known), filed in firsts.items():
            if known == cut:
                places[account] = Place(-max(filed)[2], cut, firm=False, challenger=0, cuts=0)
        yield cut, {account: place.center for account, place in places.items()}


def after_cut(place: Place, counts: list[tuple[int, int, int, int]], cut: int, history: int) -> Place:
    """Fold one cut in the plainest way."""
    if not counts:
        return place._replace(challenger=0, cuts=0)
    ranked = max(counts, key=lambda row: (row[1], row[0] == place.center, row[2], row[3], -row[0]))
    leader, most = ranked[0], ranked[1]
    total = sum(row[1] for row in counts)
    if not place.firm:
        since = place.since if leader == place.center else cut
        return Place(leader, since, total >= POLICY.firm_lines and history >= POLICY.firm_days, 0, 0)
    present = next((row[1] for row in counts if row[0] == place.center), 0)
    if leader == place.center or 100 * (most - present) < POLICY.lead_points * total:
        return place._replace(challenger=0, cuts=0)
    cuts = place.cuts + 1 if place.challenger == leader else 1
    if cuts >= POLICY.dwell_cuts and cut - place.since >= POLICY.settled_days:
        return Place(leader, cut, firm=True, challenger=0, cuts=0)
    return place._replace(challenger=leader, cuts=cuts)


def test_sql_over_the_raw_events_places_every_importer_of_the_national_sample_alike_at_every_cut() -> None:
    """With importers that change their Center among them."""
    cluster, raw = Cluster(partitions=1, time_source=TimeSource.EVENT), Raw()
    for event in NationalSample(SampleParameters(scale=SCALE)).events():
        if event.name in (*FILED, *ENDED, "entry_date_set"):
            cluster.now = datetime.fromtimestamp(event.published_ms / 1000, UTC)
            cluster.publish(event.name, event.fields, key=event.key.decode(), partition=0)
            raw.take(event)
    numbers = {slug: number for number, slug in SLUGS.items()}
    told = sorted(cluster.on("placement-change"), key=lambda change: change["decided_on"])
    placed: dict[str, int] = {}
    moves = cuts = at = 0
    for day, expected in told_by_sql(raw):
        while at < len(told) and told[at]["decided_on"] <= day:
            account, center = told[at]["account_key"], numbers[told[at]["computed_center"]]
            moves += placed.get(account, center) != center
            placed[account] = center
            at += 1
        different = {
            account: (placed.get(account), center)
            for account, center in expected.items()
            if placed.get(account) != center
        }
        assert different == {}, f"at the cut of day {day}"
        cuts += len(expected)

    assert moves > 0
    assert cuts > 5_000
