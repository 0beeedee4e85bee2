"""An account's books in a partition's state."""

from streams.customs.calendar import EPOCH
from streams.customs.entry_summary import Entry
from streams.customs.ledger import Ledger
from streams.customs.placement import Standing
from streams.processor.books import StateBooks
from streams.processor.clock import TimeSource
from streams.processor.explain import explain
from streams.processor.rule_shelf import RuleShelf
from streams.processor.tables import REVIEWS, day_bytes
from tests.unit.processor.kit import COMPUTER, IMPORTER, RULES, SHIRT, Cluster, MemoryState, codec, filed

ACCOUNT = IMPORTER[:10]


SHELF = RuleShelf(codec(), RULES)


def test_a_smaller_summary_leaves_no_chunk_of_a_larger_one() -> None:
    """Every chunk has a bound, and none is left behind."""
    state = MemoryState()
    books = StateBooks(state, ACCOUNT)
    large = bytes(range(256)) * 1024

    books.keep_summary("B7603245278", 0, large, replaces=False)
    state.commit()
    assert books.summary("B7603245278", 0) == large
    books.keep_summary("B7603245278", 0, b"small", replaces=True)
    state.commit()

    assert books.summary("B7603245278", 0) == b"small"
    assert len(state.stored) == 1


def test_a_summary_that_is_not_kept_is_none() -> None:
    """Of another generation, for example."""
    assert StateBooks(MemoryState(), ACCOUNT).summary("B7603245278", 1) is None


def test_an_account_is_listed_under_its_next_review_alone() -> None:
    """The list by days is what daily cuts go by."""
    state = MemoryState()
    books = StateBooks(state, ACCOUNT)

    books.keep_ledger(Ledger(Standing(review_on=20_000)), 0)
    books.keep_ledger(Ledger(Standing(review_on=20_005)), 20_000)
    listed = [key for key, _ in state.scan(REVIEWS)]
    books.keep_ledger(Ledger(Standing()), 20_005)

    assert listed == [day_bytes(20_005) + ACCOUNT.encode()]
    assert list(state.scan(REVIEWS)) == []


def test_a_former_generation_stays_apart() -> None:
    """Under its own key, behind the latest one."""
    books = StateBooks(MemoryState(), ACCOUNT)
    former, latest = Entry(version="00100", version_event=bytes(16)), Entry(generation=1)

    books.archive_entry("B7603245278", former)
    books.keep_entry("B7603245278", latest)

    assert books.entry("B7603245278") == latest


def test_an_importer_is_explained_from_committed_state() -> None:
    """Window, counts per Center and heading, and why, with dates as people write them."""
    cluster = Cluster(time_source=TimeSource.EVENT)
    cluster.publish("entry_summary_accepted", filed(COMPUTER, COMPUTER, SHIRT))
    state = next(state for state in cluster.states if state.stored)

    explained = explain(state, ACCOUNT, SHELF)

    assert explained is not None
    assert (explained["center"], explained["effective_from"]) == ("electronics", "2026-03-02")
    assert (explained["as_of"], explained["evidence"]["window_from"]) == ("2026-03-02", "2025-03-02")
    assert [(count["heading"], count["lines"]) for count in explained["evidence"]["headings"]] == [
        ("6109", 1),
        ("8471", 2),
    ]
    assert explained["reason"]
    assert explain(state, "98-7654321", SHELF) is None
    assert EPOCH.isoformat() not in explained["evidence"].values()
