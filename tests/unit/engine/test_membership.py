"""When a worker believes that another one has its identity."""

from pathlib import Path

import pytest

from streams.engine.config import EngineConfig
from streams.engine.kafka.membership import KafkaMembership
from tests.unit.engine.kit import SetClock

CONFIG = EngineConfig("app", "127.0.0.1:1", ("event",), "state", "journal", "dead-letter", Path())


@pytest.mark.parametrize(("apart", "counted"), [(20.0, 3), (30.0, 3), (30.5, 2), (86_400.0, 1)])
def test_an_identity_that_was_taken_long_ago_does_not_count_any_more(apart: float, counted: int) -> None:
    """Three of them in a worker's whole life ended it, with the word that another one uses its identity."""
    clock = SetClock()
    membership = KafkaMembership(CONFIG, "w0", clock)

    for _ in range(3):
        membership._note_fenced_identity()
        clock.seconds += apart

    assert len(membership._evicted) == counted
