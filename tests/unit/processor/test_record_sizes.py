"""No record of the state grows beyond 64 KB, however much is said of one importer, one day, one case or one entry."""

from itertools import product
from typing import Any

from streams.customs.matters import MOST_ENTRIES, MOST_LINES, MOST_REFERENCES, Matter
from streams.customs.tariff_mix import DayCounts
from streams.processor.books import StateBooks
from streams.processor.day_parts import whole_day
from streams.processor.ledger_layout import MOST_CELLS
from streams.processor.matter_layout import dump_matter
from streams.processor.tables import DAYS, PARTS, WAITING_BODIES
from streams.processor.waiting import MOST
from tests.unit.customs.kit import entry_numbers
from tests.unit.processor.happenings import KEY, NUMBERS, accepted, happened, noted, notice, tell
from tests.unit.processor.kit import ENTRY, IMPORTER, Cluster, MemoryState, codec, day, filed

LIMIT = 64 * 1024
LINES = 998
CODES = [
    f"{chapter:02d}{heading:02d}{sub:02d}0000"
    for chapter, heading, sub in product(range(61, 71), range(1, 11), range(10, 90))
]
"""Eight thousand subheadings."""


def largest(cluster: Cluster) -> int:
    """Return the bytes of the largest record of the state, key and value."""
    return max(len(key) + len(value) for state in cluster.stored() for key, value in state.items())


def of_prefix(cluster: Cluster, prefix: bytes) -> list[bytes]:
    return [key for state in cluster.stored() for key in state if key.startswith(prefix)]


def test_a_day_with_thousands_of_subheadings_is_kept_by_heading_and_taken_back_without_a_trace() -> None:
    """Six summaries of 998 lines on one day, then rejected one by one."""
    cluster = Cluster(1)
    accepted(cluster)
    before = cluster.kept()
    for at in range(6):
        codes = CODES[at * LINES : (at + 1) * LINES]
        tell(cluster, "entry_summary_accepted", filed(*codes, number=NUMBERS[at], entry_date=day("2026-02-27")))
    counts = whole_day(cluster.states[0], KEY.encode() + b"/", day("2026-02-27"))

    assert largest(cluster) < LIMIT
    assert counts is not None
    assert len(counts.cells) == 6 * LINES > 2 * MOST_CELLS
    assert sum(lines for lines, _ in counts.cells.values()) == 6 * LINES
    assert len(of_prefix(cluster, PARTS.prefix)) == 75
    for at in range(6):
        noted(cluster, "entry_summary_rejected", "2026-03-05", NUMBERS[at], rejected_on=day("2026-03-05"))
    assert of_prefix(cluster, PARTS.prefix) == []
    mine = [key for key in before[0] if key.startswith(DAYS.prefix)]
    assert [key for key in cluster.kept()[0] if key.startswith(DAYS.prefix)] == mine


def test_a_day_is_the_same_whether_it_was_in_memory_or_on_file() -> None:
    """Grown and shrunk over the boundary, with a commit after every change and without any."""
    often, seldom = MemoryState(), MemoryState()
    for size in (10, 900, 1_800, 2_000, 2_001, 2_900, 3_800, 2_900, 2_001, 2_000, 1_200, 300):
        cells = {cell: (1, cell) for cell in [610_110 * 100 + at * 100 + 4 for at in range(size)]}
        for state in (often, seldom):
            days = StateBooks(state, KEY).days
            days.put(20_000, DayCounts(1, (), cells))
            found = days.get(20_000)
            assert found is not None
            assert found.cells == cells
        often.commit()

    seldom.commit()

    assert often.stored == seldom.stored
    for state in (often, seldom):
        StateBooks(state, KEY).days.delete(20_000)
        state.commit()
        assert state.stored == {}


def test_a_day_that_leaves_the_window_takes_its_parts_along() -> None:
    """Nothing is left of it."""
    cluster = Cluster(1)
    for at in range(3):
        codes = CODES[at * LINES : (at + 1) * LINES]
        tell(cluster, "entry_summary_accepted", filed(*codes, number=NUMBERS[at], entry_date=day("2026-02-27")))
    assert of_prefix(cluster, PARTS.prefix) != []

    cluster.pass_time(days=400)

    assert of_prefix(cluster, PARTS.prefix) == of_prefix(cluster, DAYS.prefix) == []


def test_the_largest_case_stays_below_the_limit() -> None:
    """With all entries, notices, lines and ports that it may hold."""
    numbers = [number for number, _ in zip(entry_numbers(), range(MOST_ENTRIES), strict=False)]
    references = tuple(f"form_29_proposed/{at:040d}" for at in range(MOST_REFERENCES))
    matter = Matter(
        19, 7, 9, 9_999, taken=True, opened_ms=1 << 41, references=references,
        importers=(IMPORTER,) * 20, ports=tuple(f"{port:04d}" for port in range(400)),
        entries=tuple((number, 9) for number in numbers), lines=tuple(f"{at:03d}" for at in range(MOST_LINES)),
    )  # fmt: skip

    assert len(dump_matter(matter)) < LIMIT


def test_a_notice_of_a_thousand_entries_is_one_case_and_one_of_more_is_refused_by_name() -> None:
    """Nothing is cut off in silence."""
    cluster = Cluster(1)
    accepted(cluster)
    others = [number for number, _ in zip(entry_numbers(), range(MOST_ENTRIES), strict=False)]

    notice(cluster, "form_28", "2026-03-10", further_entry_numbers=others[:-1])
    outcome = notice(cluster, "form_28", "2026-03-10", further_entry_numbers=others, notice_id="N-2")

    [item] = [
        one
        for one in cluster.on("center-work-electronics", "work_item")
        if one["work_type"] == "request_for_information"
    ]
    assert len(item["entries"]) == MOST_ENTRIES
    assert outcome == "refused"
    assert [one["rule"] for one in cluster.on("event-refusal")] == ["case.holds_at_most"]
    assert largest(cluster) < LIMIT


def test_long_records_that_wait_for_an_entry_are_kept_beside_its_list_and_come_back_whole() -> None:
    """Long corrections, as many as may wait: one more is refused."""
    cluster = Cluster(1)
    grounds: dict[str, Any] = {"psc_reasons": ["H01"], "psc_explanation": "Other goods."}

    outcomes = [
        tell(
            cluster,
            "psc_accepted",
            filed(*CODES[:100], when="2026-05-04T14:00:00", version=f"{200 + at:05d}", **grounds),
        )
        for at in range(MOST + 1)
    ]
    waiting = of_prefix(cluster, WAITING_BODIES.prefix)
    at_most = largest(cluster)
    accepted(cluster)
    noted(cluster, "liquidation_scheduled", "2026-03-13", liquidation_date=day("2027-01-15"))
    noted(
        cluster, "entry_summary_paid", "2026-03-14", paid_on=day("2026-03-14"), amount_cents=None, statement_number=None
    )

    assert outcomes == ["waiting"] * MOST + ["refused"]
    assert len(waiting) >= MOST
    assert at_most < LIMIT
    assert of_prefix(cluster, WAITING_BODIES.prefix) == []
    newest = cluster.on("center-work-electronics", "entry_summary_snapshot")[-1]["summary"]
    assert (newest["version"], len(newest["lines"])) == (f"{200 + MOST - 1:05d}", 100)
    assert largest(cluster) < LIMIT


def test_records_that_wait_for_an_entry_are_kept_without_the_headers_of_others() -> None:
    """Many, long, and some without a value: they are no part of the event."""
    cluster = Cluster(1)
    headers: Any = tuple((f"trace-{at}", None if at % 2 else b"x" * 1_000) for at in range(300))
    paid = happened(
        "2026-03-02", entry_number=ENTRY, importer_of_record=IMPORTER, paid_on=day("2026-03-02"), amount_cents=None,
        statement_number=None,
    )  # fmt: skip

    outcome = cluster.deliver(
        "entry-summary-event", 0, KEY.encode(), codec().encode("entry_summary_paid", paid), 0, headers
    )
    at_most = largest(cluster)
    accepted(cluster)

    assert outcome == "waiting"
    assert at_most < 1_000
    assert cluster.on("event-refusal") == []


def test_long_records_whose_wait_is_over_leave_nothing_behind() -> None:
    """Each is refused with all that it said."""
    cluster = Cluster(1)
    optional = dict.fromkeys(("reason", "team_number", "line_id", "text"))
    named = {"entry_number": ENTRY, "disposition": "2", "disposition_source": "1", "documents": ["x" * 900]}
    unknown = happened("2026-03-05", **named, **optional, action_on=day("2026-03-05"))
    tell(cluster, "status_notification", unknown)
    kept = of_prefix(cluster, WAITING_BODIES.prefix)

    cluster.pass_time(days=8)

    assert len(kept) == 1
    assert [one["event_id"] for one in cluster.on("event-refusal")] == [unknown["event_id"]]
    assert [list(stored) for stored in cluster.kept()] == [[]]
