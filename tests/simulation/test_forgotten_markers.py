"""A broker that ends a transaction and forgets its markers: nothing is lost in silence, nothing twice.

So does Kafka 4.3 while a partition has no leader. What it forgot is decided by the end of the same producer's next
transaction, which here is never carried out, so that the next life undoes both.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from streams.engine.errors import TransientFault
from streams.engine.resources import Resources
from streams.engine.simulated.broker import Holder, Place, SimBroker
from streams.engine.simulated.network import Faults
from streams.engine.simulated.plan import Plan
from streams.engine.simulated.reports import Reports
from streams.engine.simulated.schedule import run_plan
from streams.engine.simulated.tally import CHANGELOG, JOURNAL, LEDGER

ME = "sim-0"
GONE = "the broker is gone"
OFFSETS = "offsets"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The core warns of each fault that is made here on purpose."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def quiet_plan(seed: int) -> Plan:
    """Return a run of one worker that nothing disturbs."""
    return Plan(
        seed=seed, profile="one-step", workers=1, seconds=8.0, bursts=8, burst_records=14,
        verb_weights=(60, 10, 10, 10, 0, 0), aborted_share=0.1, patience=0, faults=Faults(), troubles=(),
        crash_at_step=-1, rebalance_at_step=-1, machine_crashes=0.0,
    )  # fmt: skip


@dataclass
class Forgetful:
    """Makes the broker forget markers of one transaction of the first task, the fourth that publishes something.

    Then either its answer is lost, or it arrives and the end of the task's next transaction is never carried out.
    """

    forgotten: Callable[[str], bool]
    is_answered: bool = True
    victim: list[Place] = field(default_factory=list)
    next_places: list[Place] = field(default_factory=list)
    halts: list[str] = field(default_factory=list)
    _published: int = 0

    def install(self, patch: pytest.MonkeyPatch) -> "Forgetful":
        end = SimBroker.end

        def ended(broker: SimBroker, transactional_id: str, epoch: int, *, commit: bool) -> None:
            holder = broker.holders[transactional_id]
            if transactional_id != ME or not commit or self.next_places:
                end(broker, transactional_id, epoch, commit=commit)
            elif self.victim:
                broker.forgets = lambda _: False
                self.next_places = list(holder.places)
                raise TransientFault(GONE)
            else:
                self._choose(broker, holder)
                end(broker, transactional_id, epoch, commit=commit)
                if self.victim and not self.is_answered:
                    self.next_places = self.victim
                    raise TransientFault(GONE)

        def halted(_reports: Reports, _partition: int, reason: str, _detail: str) -> None:
            self.halts.append(reason)

        patch.setattr(SimBroker, "end", ended)
        patch.setattr(Reports, "halted", halted)
        return self

    def _choose(self, broker: SimBroker, holder: Holder) -> None:
        self._published += (LEDGER, 0) in holder.places
        if self._published < 4:
            return
        self.victim = list(holder.places)
        victim, left = self.victim, set(self.victim)

        def forgets(place: Place) -> bool:
            is_first = place in victim and place in left
            left.discard(place)
            return is_first and self.forgotten(place[0])

        broker.forgets = forgets
        if self.forgotten(OFFSETS):
            holder.offsets.clear()

    def run(self) -> list[str]:
        """Run the first schedule in which the next transaction writes to all that the forgotten one wrote to.

        Without the reports of what was undone later (S8): those told what the broker had told.
        """
        for seed in range(100):
            self.victim, self.next_places, self.halts, self._published = [], [], [], 0
            violations = run_plan(quiet_plan(seed)).violations
            if self.victim and set(self.victim) <= set(self.next_places):
                return [violation for violation in violations if not violation.startswith("S8")]
        pytest.fail("no schedule has two such transactions")


def sees_nothing(patch: pytest.MonkeyPatch) -> None:
    """Bring back the core that believed the broker."""

    async def nothing(*_: object) -> None:
        return

    patch.setattr(Resources, "_see_last_entry", nothing)
    patch.setattr("streams.engine.resources.wait_until_decided", nothing)


def everything(_: str) -> bool:
    return True


def all_topics(place: str) -> bool:
    """Keep the group's offsets alone."""
    return place != OFFSETS


@pytest.mark.parametrize("forgotten", [everything, all_topics])
def test_a_transaction_that_is_undone_after_it_was_confirmed_is_done_again(
    forgotten: Callable[[str], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Forgetful(forgotten).install(monkeypatch)

    assert broken.run() == []
    assert broken.halts == []


def test_the_core_that_believed_the_broker_lost_it_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the schedule would not meet the fault any more, and say nothing."""
    sees_nothing(monkeypatch)
    broken = Forgetful(all_topics).install(monkeypatch)

    assert any(violation.startswith("S5") for violation in broken.run())
    assert broken.halts == []


def test_a_transaction_of_which_the_journal_alone_is_undone_halts_the_partition(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = Forgetful(lambda topic: topic == JOURNAL).install(monkeypatch)

    broken.run()

    assert broken.halts == ["entry-lost"]


def test_a_changelog_that_was_left_open_halts_the_partition_and_resuming_commits_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = Forgetful(lambda topic: topic == CHANGELOG, is_answered=False).install(monkeypatch)

    assert broken.run() == []
    assert broken.halts == ["open-transaction"]


def test_the_core_that_restored_what_was_still_open_did_it_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    sees_nothing(monkeypatch)
    broken = Forgetful(lambda topic: topic == CHANGELOG, is_answered=False).install(monkeypatch)

    assert any(violation.startswith("S1") for violation in broken.run())


def test_a_journal_that_was_left_open_is_committed_by_the_next_start(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Forgetful(lambda topic: topic == JOURNAL, is_answered=False).install(monkeypatch)

    assert broken.run() == []
    assert broken.halts == []
