"""Which faults come, and in which order: a deck that is shuffled by a seed, again and again."""

import random
from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple


class Fault(Enum):
    """One way to break a worker or the broker."""

    KILL = "worker kill -9"
    PAUSE = "worker SIGSTOP past its session"
    TERMINATE = "worker SIGTERM"
    LOSE_STORE = "workers kill -9, stores deleted"
    BROKER_RESTART = "broker SIGTERM and restart"
    BROKER_KILL = "broker kill -9 and restart"


# How often each comes in one round. Workers die more often than brokers.
DECK: Final = (
    *(Fault.KILL,) * 10,
    *(Fault.PAUSE,) * 2,
    *(Fault.TERMINATE,) * 3,
    Fault.LOSE_STORE,
    Fault.BROKER_RESTART,
    Fault.BROKER_KILL,
)


class Planned(NamedTuple):
    """A fault with what chance decides about it: which worker, how long it is away, how long until the next."""

    fault: Fault
    worker: int
    away_seconds: float
    calm_seconds: float


def schedule(seed: int, workers: int) -> Iterator[Planned]:
    """Yield faults without end; the same seed gives the same ones."""
    chance = random.Random(f"chaos-{seed}")  # noqa: S311 - a schedule is chance that can be repeated
    while True:
        deck = list(DECK)
        chance.shuffle(deck)
        for fault in deck:
            yield Planned(
                fault,
                worker=chance.randrange(workers),
                away_seconds=chance.choice((0.0, 0.5, 2.0, 6.0)),
                calm_seconds=chance.uniform(1.0, 6.0),
            )
