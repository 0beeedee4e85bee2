"""The page about sizes says what was measured, and nothing else."""

import pytest

from bench.sizing import PAGE, SCALES, Load, Sizes, Speed, page, rows, span, volume

ROUND = Sizes(
    events=1_000, partitions=4, source=100, work=200, other=100, compacted=50, changelog=150, changelog_records=1.5,
    store=100, memory_mb=80,
)  # fmt: skip
SPEED = Speed(
    events_per_second=10_000, history_events=1, changelog_records=300_000, restore_seconds=1, restart_seconds=1,
    started_mb=80,
)  # fmt: skip


def test_the_page_is_as_it_is_generated() -> None:
    assert PAGE.read_text("utf-8") == page(Sizes.read(), Speed.read()), "write it anew: python -m bench.sizing"


def test_the_arithmetic_of_the_nation_is_as_the_page_says() -> None:
    nation = Load(SCALES[-1], ROUND, SPEED)

    assert nation.sources == 220e6 * 100
    assert nation.outputs == pytest.approx(220e6 * 300 * 400 / 365)
    assert nation.compacted == 220e6 * 200
    assert nation.store_of_each(3) == 220e6 * 100
    assert nation.peak == pytest.approx(194.4, abs=0.1)
    told = dict(row.strip("| ").rsplit(" | ", 1) for row in rows(ROUND, SPEED))
    assert [cell for title, cell in told.items() if title.startswith("a year again")] == ["6.1 h"]
    assert [cell for title, cell in told.items() if title.startswith("restored from nothing")] == ["18 min"]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (volume(950), "1 KB"),
        (volume(1_234_000), "1.2 MB"),
        (volume(12_340_000), "12 MB"),
        (volume(645e9), "645 GB"),
        (span(1.26), "1.3 s"),
        (span(119), "119 s"),
        (span(121), "2.0 min"),
        (span(7_199), "120 min"),
        (span(19_130), "5.3 h"),
    ],
)
def test_figures_have_the_digits_that_count(told: str, words: str) -> None:
    assert told == words
