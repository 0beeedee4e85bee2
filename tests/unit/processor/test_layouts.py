"""State values become bytes and come back the same."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from streams.customs.cases import Case
from streams.customs.entry_index import Holder
from streams.customs.entry_summary import Entry
from streams.customs.ledger import Ledger
from streams.customs.placement import Basis, HistoryClass, Override, Placement, Standing
from streams.customs.tariff_mix import CenterCount, DayCounts, Mix
from streams.engine.api import SourceRecord
from streams.processor.case_layout import dump_case, dump_holder, load_case, load_holder
from streams.processor.entry_layout import dump_entry, load_entry
from streams.processor.ledger_layout import dump_day, dump_ledger, load_day, load_ledger
from streams.processor.summary_chunks import CHUNK, chunks_of, packed, unpacked
from streams.processor.waiting_layout import Waiting, dump_waiting, load_waiting

DAYS = st.integers(0, 65_535)
INSTANTS = st.integers(0, 2**45)
BITS = st.integers(0, 2**54 - 1)
CENTERS = st.integers(1, 10)
MONEY = st.integers(0, 2**50)
COUNTS = st.integers(0, 2**31)
WORDS = st.text("abcXYZ019-", min_size=1, max_size=20)
CELLS = st.lists(st.tuples(st.integers(1, 99_999_999), st.integers(1, 998), MONEY), max_size=5).map(tuple)
TRIPLES = st.lists(st.tuples(st.integers(1, 53), st.integers(1, 10_000), st.integers(1, 1000)), max_size=4).map(
    lambda triples: tuple(number for triple in triples for number in triple)
)

ENTRIES = st.builds(
    Entry,
    generation=st.integers(0, 255),
    importer=st.sampled_from(["", "12-345678900", "123-45-6789", "202704-12345"]),
    ports=st.lists(st.sampled_from(["2704", "1401", "0101"]), max_size=3, unique=True).map(tuple),
    entry_type=st.sampled_from(["", "01", "07"]),
    version=st.sampled_from(["00100", "01203"]),
    accepted_ms=INSTANTS,
    version_event=st.binary(min_size=16, max_size=16),
    corrected=st.booleans(),
    called_for=BITS,
    asked=BITS,
    asked_day=DAYS,
    import_day=DAYS,
    summary_day=DAYS,
    set_day=DAYS,
    set_ms=INSTANTS,
    filed_ms=INSTANTS,
    rejected_ms=INSTANTS,
    ended_ms=INSTANTS,
    cancelled=st.booleans(),
    deleted_ms=INSTANTS,
    control_ms=INSTANTS,
    cbp_control=st.booleans(),
    paid_day=DAYS,
    paid_ms=INSTANTS,
    scheduled_day=DAYS,
    scheduled_ms=INSTANTS,
    liquidated_day=DAYS,
    liquidated_ms=INSTANTS,
    reliquidated_day=DAYS,
    reliquidated_ms=INSTANTS,
    noticed=TRIPLES,
    counted_day=DAYS,
    counted=CELLS,
    open_cases=BITS,
    closed_cases=TRIPLES,
    told=st.integers(0, 2**11 - 1),
    waiting=st.booleans(),
    done=BITS,
    facts=TRIPLES,
    marks=TRIPLES,
    due_on=DAYS,
    named=st.sampled_from(["", "98-7654321", "202704-12345"]),
)
OVERRIDES = st.none() | st.builds(Override, CENTERS, st.sampled_from(Basis), st.text(max_size=200), DAYS)
PLACEMENTS = st.none() | st.builds(
    Placement, CENTERS, DAYS, st.booleans(), st.booleans(), st.sampled_from(HistoryClass), WORDS, WORDS
)
STANDINGS = st.builds(
    Standing,
    PLACEMENTS,
    OVERRIDES,
    OVERRIDES,
    st.booleans(),
    st.integers(0, 10),
    DAYS,
    st.integers(0, 3),
    st.just("") | WORDS,
    DAYS,
    DAYS,
)
CENTER_COUNTS = st.lists(st.builds(CenterCount, CENTERS, COUNTS, MONEY, COUNTS), max_size=10).map(tuple)
MIXES = st.builds(Mix, DAYS, st.integers(0, 2**400), COUNTS, CENTER_COUNTS, DAYS, DAYS)


@given(ENTRIES)
def test_an_entry_comes_back_as_it_was(entry: Entry) -> None:
    """Every register, and every list."""
    assert load_entry(dump_entry(entry)) == entry


def test_an_entry_of_which_nothing_is_known_comes_back() -> None:
    """Such as one that only waits for its summary."""
    assert load_entry(dump_entry(Entry(waiting=True))) == Entry(waiting=True)


@given(
    st.builds(
        Case,
        st.integers(1, 53),
        st.just("B7603245278"),
        st.integers(0, 255),
        st.integers(0, 12),
        st.integers(1, 65_535),
        COUNTS,
        st.booleans(),
        INSTANTS,
    )
)
def test_a_case_comes_back_as_it_was(case: Case) -> None:
    """With desk, assignment and sequence."""
    assert load_case(dump_case(case)) == case


@given(
    st.builds(
        Ledger,
        STANDINGS,
        MIXES,
        st.lists(WORDS, max_size=20).map(tuple),
        INSTANTS,
        INSTANTS,
        st.integers(0, 9),
        st.booleans(),
    )
)
def test_a_ledger_comes_back_as_it_was(ledger: Ledger) -> None:
    """Placement, overrides with their reasons, and the days of the window."""
    assert load_ledger(dump_ledger(ledger)) == ledger


@given(
    st.builds(
        DayCounts,
        COUNTS,
        CENTER_COUNTS,
        st.dictionaries(st.integers(1, 99_999_999), st.tuples(COUNTS, MONEY), max_size=8),
    )
)
def test_the_counts_of_a_day_come_back_as_they_were(counts: DayCounts) -> None:
    """Every cell with its lines and value."""
    assert load_day(dump_day(counts)) == counts


RECORDS = st.builds(
    SourceRecord,
    WORDS,
    st.integers(0, 1000),
    st.integers(0, 2**60),
    INSTANTS,
    st.binary(max_size=20),
    st.binary(max_size=200),
    st.lists(st.tuples(WORDS, st.binary(max_size=20)), max_size=4).map(tuple),
)


@given(st.lists(st.builds(Waiting, INSTANTS, RECORDS), max_size=5).map(tuple))
def test_waiting_records_come_back_in_their_order(present: tuple[Waiting, ...]) -> None:
    """With key, value, headers, position, and until when they wait."""
    assert load_waiting(dump_waiting(present)) == present


@given(st.builds(Holder, st.sampled_from(["12-3456789", "202704-12345"]), st.integers(0, 255)))
def test_the_holder_of_an_entry_comes_back_as_it_was(holder: Holder) -> None:
    """Account and generation."""
    assert load_holder(dump_holder(holder)) == holder


@given(st.integers(0, 200_000), st.booleans(), st.randoms(use_true_random=False))
def test_a_summary_of_any_length_comes_back_and_no_chunk_exceeds_its_bound(
    size: int,
    dense: bool,  # noqa: FBT001 - drawn by hypothesis
    random: Random,
) -> None:
    """Whether it can be compressed or not."""
    body = random.randbytes(size) if dense else b"8471300100" * (size // 10)

    chunks = packed(body)

    assert unpacked(chunks) == body
    assert chunks_of(chunks[0]) == len(chunks)
    assert max(len(chunk) for chunk in chunks) <= CHUNK + 3
