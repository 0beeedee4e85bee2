"""Which faults come, and in which order: a deck that is shuffled by a seed, again and again."""

import random
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Final, NamedTuple


class Fault(Enum):
    """One way to break workers, their disks, their network, or a broker."""

    KILL = "worker kill -9, started again"
    TAKEOVER = "worker kill -9, another takes over"
    PAUSE = "worker SIGSTOP past its session"
    TERMINATE = "worker SIGTERM"
    SCALE = "one more worker for a while"
    LOSE_STORES = "workers kill -9, stores deleted"
    TRUNCATE_STORES = "workers kill -9, stores truncated"
    CORRUPT_STORES = "workers kill -9, stores corrupted"
    DELETE_GROUP = "workers SIGTERM, group deleted"
    SLOW_NETWORK = "network slow"
    CUT_NETWORK = "network cut"
    SILENT_NETWORK = "network half open past the session"
    REGISTRY_GONE = "registry unreachable, worker kill -9"
    REGISTRY_SLOW = "registry slow, worker kill -9"
    BROKER_STOP = "broker SIGTERM and restart"
    BROKER_KILL = "broker kill -9 and restart"
    BROKER_PAUSE = "broker SIGSTOP past its session"


# How often each comes in one round.
ONE_BROKER: Final = (
    *(Fault.KILL,) * 3,
    *(Fault.TERMINATE,) * 2,
    Fault.TAKEOVER,
    Fault.PAUSE,
    Fault.SCALE,
    Fault.LOSE_STORES,
    Fault.TRUNCATE_STORES,
    Fault.CORRUPT_STORES,
    Fault.DELETE_GROUP,
    Fault.SLOW_NETWORK,
    Fault.CUT_NETWORK,
    Fault.SILENT_NETWORK,
    Fault.BROKER_STOP,
    Fault.BROKER_KILL,
)
# A cluster's brokers are its leaders: each loses what it led to another one.
CLUSTER: Final = (
    *(Fault.BROKER_KILL,) * 3,
    *(Fault.BROKER_STOP,) * 2,
    Fault.BROKER_PAUSE,
    *(Fault.KILL,) * 3,
    Fault.TAKEOVER,
    Fault.PAUSE,
    *(Fault.TERMINATE,) * 2,
    Fault.LOSE_STORES,
)

# Beside a schema registry, which a worker asks when it starts.
REGISTRY: Final = (*ONE_BROKER, *(Fault.REGISTRY_GONE,) * 3, *(Fault.REGISTRY_SLOW,) * 2)


class Planned(NamedTuple):
    """A fault with what chance decides about it.

    Which worker and which broker (to be taken modulo their number), how long it is away, how long until the next, and
    whether that one comes before this one is recovered from.
    """

    fault: Fault
    victim: int
    away_seconds: float
    calm_seconds: float
    is_hasty: bool


def schedule(seed: int, deck: Sequence[Fault] = ONE_BROKER) -> Iterator[Planned]:
    """Yield faults without end; the same seed gives the same ones."""
    chance = random.Random(f"chaos-{seed}")  # noqa: S311 - a schedule is chance that can be repeated
    while True:
        shuffled = list(deck)
        chance.shuffle(shuffled)
        for fault in shuffled:
            yield Planned(
                fault,
                victim=chance.randrange(60),
                away_seconds=chance.choice((0.0, 0.5, 2.0, 6.0)),
                calm_seconds=chance.uniform(1.0, 5.0),
                is_hasty=chance.random() < 1 / 4,
            )
