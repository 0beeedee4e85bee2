"""What a processor calls now."""

from datetime import UTC, datetime

from streams.engine.timeline import Timeline, as_datetime
from tests.unit.engine.kit import SetClock


def test_live_time_is_the_brokers_last_word_plus_the_time_since() -> None:
    clock = SetClock(5.0)
    timeline = Timeline(clock, 0)

    timeline.anchor(1_700_000_000_000)
    clock.seconds = 7.5

    assert timeline.now_ms() == 1_700_000_002_500


def test_time_never_decreases_when_the_broker_says_less() -> None:
    clock = SetClock()
    timeline = Timeline(clock, 0)
    timeline.anchor(10_000)
    before = timeline.now_ms()

    timeline.anchor(4_000)

    assert timeline.now_ms() == before


def test_time_goes_on_from_what_was_used_last_after_a_restart() -> None:
    timeline = Timeline(SetClock(), 50_000)

    timeline.anchor(20_000)

    assert timeline.now_ms() == 50_000


def test_a_topic_that_does_not_tell_the_brokers_time_changes_nothing() -> None:
    clock = SetClock()
    timeline = Timeline(clock, 1_000)
    clock.seconds = 1.0

    timeline.anchor(-1)

    assert timeline.now_ms() == 2_000


def test_milliseconds_become_an_aware_time_without_rounding() -> None:
    assert as_datetime(1_700_000_000_123) == datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC)
