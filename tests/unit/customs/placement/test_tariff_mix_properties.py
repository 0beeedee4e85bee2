"""What holds of counting and retracting whatever is counted, in whatever order."""

from collections.abc import Sequence
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from streams.customs.contribution import Contribution, contribution_of
from streams.customs.tariff import cell_center, published_coverage
from streams.customs.tariff_mix import EMPTY_MIX, CenterCount, Mix, cells_in_window, counted, moved_window, retracted

from .importing import DayBook, Line

DAY = 20_000
WINDOW = 30
COVERAGE = published_coverage().in_force(DAY)

cells = st.sampled_from([61091004, 72083905, 84713007, 84433107, 84433910, 95030008])
amounts = st.tuples(st.integers(1, 5), st.integers(0, 1_000))
contributions = st.dictionaries(cells, amounts, max_size=4).map(
    lambda counts: tuple((cell, *counts[cell]) for cell in sorted(counts))
)
days_of_entry = st.integers(DAY - WINDOW - 5, DAY + 5)
filings = st.lists(st.tuples(days_of_entry, contributions), max_size=12)
numbers = st.sampled_from(["8471300100", "9503000073", "6109100012", "9802008015", "9903880300", "8443310000"])
lines = st.builds(
    Line,
    st.lists(st.tuples(numbers, st.integers(0, 500)), min_size=1, max_size=4).map(tuple),
    st.sampled_from(["", "", "", "X", "V"]),
)


def begun() -> tuple[Mix, DayBook]:
    """Return an empty mix with a window that begins WINDOW days before DAY."""
    book = DayBook()
    return moved_window(EMPTY_MIX, book, DAY - WINDOW), book


def all_counted(filed: Sequence[tuple[int, Contribution]]) -> tuple[Mix, DayBook]:
    """Return what a sequence of filings counts."""
    mix, book = begun()
    for day, contribution in filed:
        mix = counted(mix, book, day, contribution)
    return mix, book


def expected_centers(filed: Sequence[tuple[int, Contribution]], first_day: int) -> tuple[CenterCount, ...]:
    """Return totals as a list of everything that counts would give them."""
    counting = [contribution for day, contribution in filed if day >= first_day and contribution]
    found = []
    for center in range(1, 11):
        of_center = [
            [row for row in contribution if cell_center(row[0]) == center]
            for contribution in counting
            if any(cell_center(row[0]) == center for row in contribution)
        ]
        rows = [row for rows in of_center for row in rows]
        if rows:
            count_of_lines, value_usd = sum(row[1] for row in rows), sum(row[2] for row in rows)
            found.append(CenterCount(center, count_of_lines, value_usd, len(of_center)))
    return tuple(found)


@given(filings, st.tuples(st.integers(DAY - WINDOW, DAY + 5), contributions))
def test_counting_and_retracting_leaves_no_trace(
    filed: list[tuple[int, Contribution]], extra: tuple[int, Contribution]
) -> None:
    """Neither in the totals nor in the days."""
    mix, book = all_counted(filed)
    kept = DayBook(book)

    after = retracted(counted(mix, book, *extra), book, *extra)

    assert after == mix
    assert book == kept


@given(st.lists(st.tuples(days_of_entry, contributions), max_size=5))
def test_the_order_of_counting_does_not_matter(filed: list[tuple[int, Contribution]]) -> None:
    """Every order of the same filings gives the same mix."""
    expected = all_counted(filed)

    assert all(all_counted(order) == expected for order in permutations(filed))


@given(st.data(), filings)
def test_totals_are_those_of_what_stands_in_the_window(
    data: st.DataObject, filed: list[tuple[int, Contribution]]
) -> None:
    """Whatever was counted, taken back and left behind by the window, in any interleaving."""
    mix, book = begun()
    first_day = DAY - WINDOW
    standing: list[tuple[int, Contribution]] = []
    for filing in filed:
        mix = counted(mix, book, *filing)
        standing.append(filing)
        if data.draw(st.booleans(), "take one back"):
            mix = retracted(mix, book, *standing.pop(data.draw(st.integers(0, len(standing) - 1), "which")))
        first_day += data.draw(st.sampled_from([0, 0, 1, 7]), "days that pass")
        mix = moved_window(mix, book, first_day)

    in_window = [filing for filing in standing if filing[0] >= first_day and filing[1]]
    assert mix.centers == expected_centers(standing, first_day)
    assert mix.summaries == len(in_window)
    assert sorted(book) == sorted({day for day, _ in in_window})
    assert (mix.oldest_day, mix.newest_day) == (min(book, default=0), max(book, default=0))


@given(st.lists(st.tuples(days_of_entry, st.lists(lines, max_size=4)), max_size=6))
def test_every_voting_line_in_the_window_is_counted_once(filed: list[tuple[int, list[Line]]]) -> None:
    """No more, no less, over Centers and over cells; and with all its value."""
    mix, book = all_counted([(day, contribution_of(summary, COVERAGE)) for day, summary in filed])

    voting = [
        line
        for day, summary in filed
        for line in summary
        if day >= DAY - WINDOW and line.article_set != "V" and any(n[:2] not in {"98", "99"} for n, _ in line.tariffs)
    ]
    evidence = cells_in_window(mix, book)
    assert mix.lines == len(voting) == sum(count for _, count, _ in evidence)
    value_usd = sum(value for line in voting for number, value in line.tariffs if number[:2] != "99")
    assert mix.value_usd == value_usd == sum(value for _, _, value in evidence)


@given(filings, st.integers(0, WINDOW + 10))
def test_a_window_moves_alike_in_one_step_and_in_many(filed: list[tuple[int, Contribution]], days: int) -> None:
    """Days leave together as they leave one by one."""
    at_once, book_at_once = all_counted(filed)
    step_by_step, book_by_step = all_counted(filed)

    at_once = moved_window(at_once, book_at_once, DAY - WINDOW + days)
    for step in range(1, days + 1):
        step_by_step = moved_window(step_by_step, book_by_step, DAY - WINDOW + step)

    assert at_once == step_by_step
    assert book_at_once == book_by_step
