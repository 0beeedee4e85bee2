"""What a seed stands for: how many workers, what load, and which faults how often."""

from dataclasses import dataclass
from random import Random
from typing import Final

from streams.engine.simulated.network import Faults

_TROUBLES: Final = {
    "crashes": ("kill", "kill", "stop", "restart-broker"),
    "partitions": ("cut", "starve", "rebalance", "stop", "turn", "turn-back", "restart-broker"),
    "rebalances": ("turn", "turn-back", "starve", "stop"),
    "disks": ("kill", "lose-store", "damage-store", "rot-store", "tear-store", "full-disk", "clock"),
    "operations": ("forget-offsets", "compact", "rebalance", "kill", "clock", "trim", "recreate-topic"),
    "everything": (
        "kill", "stop", "cut", "starve", "rebalance", "turn", "turn-back", "forget-offsets", "compact", "trim",
        "recreate-topic", "restart-broker", "lose-store", "damage-store", "rot-store", "tear-store", "full-disk",
        "clock",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """One schedule, as drawn. `verb_weights` are for add, close, remind, bad, shaky, poison."""

    seed: int
    profile: str
    workers: int
    seconds: float
    bursts: int
    burst_records: int
    verb_weights: tuple[float, ...]
    aborted_share: float
    patience: int
    faults: Faults
    troubles: tuple[str, ...]
    crash_at_step: int
    rebalance_at_step: int
    machine_crashes: float


def draw_plan(seed: int) -> Plan:
    """Draw the schedule of a seed.

    A third of them kill a worker, or move all partitions, at exactly one step of an otherwise quiet run, so that in
    the long run every step is met; the others mix faults.
    """
    random = Random(seed)
    profile = random.choice(("one-step", "one-step", "one-turn", *_TROUBLES, "lossy"))
    is_exact = profile in {"one-step", "one-turn"}
    step = random.randint(1, random.choice((40, 400)))
    return Plan(
        seed=seed,
        profile=profile,
        workers={"one-step": 1, "one-turn": 2}.get(profile) or random.choice((1, 2, 2)),
        seconds=random.uniform(4.0, 8.0) if is_exact else random.uniform(8.0, 30.0),
        bursts=random.randint(3, 8),
        burst_records=random.randint(3, 14),
        verb_weights=(60, 10, 10, 10, random.choice((0, 0, 4)), random.choice((0, 0, 0, 2))),
        aborted_share=random.choice((0.0, 0.1)),
        patience=random.randint(0, 2),
        faults=Faults() if is_exact else _draw_faults(random, profile),
        troubles=() if is_exact else _TROUBLES.get(profile, ()),
        crash_at_step=step if profile == "one-step" else -1,
        rebalance_at_step=step if profile == "one-turn" else -1,
        machine_crashes=random.choice((0.0, 0.5)),
    )


def _draw_faults(random: Random, profile: str) -> Faults:
    rate = random.choice((0.0, 0.003, 0.01, 0.03))
    if profile == "lossy":
        rate = random.choice((0.02, 0.05))
    return Faults(
        crash=random.choice((0.0, 0.002, 0.01)),
        lost=rate,
        unanswered=rate,
        late=rate,
        repeated=rate,
        refused=rate / 2,
        rebalance=random.choice((0.0, 0.003, 0.02)) if profile == "rebalances" else 0.0,
    )
