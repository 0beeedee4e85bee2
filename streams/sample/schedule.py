"""The order in which a part of the nation publishes: day by day, with no more in memory than is under way.

What happens within weeks of entry waits in buckets by day of publication. Liquidations, 314 days later, wait
nowhere: on their Friday the plans of the entry days concerned are made once more.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from streams.sample.days import DAY_MS, EPOCH_DAY, HOUR_MS, midnight_ms
from streams.sample.delivery import Delivery
from streams.sample.draws import mix
from streams.sample.importers import Importers
from streams.sample.lifecycle import LifeCycle, Stage
from streams.sample.parameters import SampleParameters
from streams.sample.plans import Plan, Stripe
from streams.sample.protests import Protests

AHEAD_DAYS: Final = 3
"""A summary may be accepted, and its entry reported, two days before its entry day."""

BURST_HOUR: Final = 5
STAGES: Final = 32


class Due(NamedTuple):
    """An event that is to be published; `order` is unique and breaks ties the same way everywhere."""

    published_ms: int
    order: int
    at_ms: int
    stage: int
    detail: int
    plan: Plan


class Schedule:
    """What some stripes publish, in order of publication."""

    def __init__(
        self, parameters: SampleParameters, importers: Importers, life: LifeCycle, stripes: Sequence[Stripe]
    ) -> None:
        self._parameters = parameters
        self._importers = importers
        self._life = life
        self._stripes = stripes
        self._delivery = Delivery(parameters)
        self._end_ms = midnight_ms(parameters.end_on.toordinal() + 1)
        self._pending: dict[int, list[Due]] = {}
        self.protests = Protests(parameters)

    def __iter__(self) -> Iterator[Due]:
        """Yield all events in the order of publication."""
        self._add_headquarters()
        first = self._parameters.first_entry_on.toordinal() - AHEAD_DAYS - 1
        last = self._parameters.end_on.toordinal() + 1
        day = first
        while day <= last or self._pending:
            if day <= last:
                self._add_entries(day + AHEAD_DAYS)
                self._add_liquidations(day)
            yield from sorted(self._pending.pop(day - EPOCH_DAY, ()))
            day += 1

    def waiting(self) -> int:
        """Return how many events wait in memory."""
        return sum(map(len, self._pending.values()))

    def _add_entries(self, day: int) -> None:
        """Add the lives of the summaries of an entry day."""
        moments = self._life.moments
        for stripe in self._stripes:
            for plan in stripe.plans(day):
                for at_ms, stage, detail in moments(plan):
                    self._add(plan, at_ms, stage, detail)

    def _add_liquidations(self, friday: int) -> None:
        """Add the liquidations of a day, all within one hour, and the protests that follow them."""
        days = self._life.entry_days_of(friday)
        if self._life.liquidation_day(days[0]) != friday:
            return
        burst = midnight_ms(friday) + BURST_HOUR * HOUR_MS
        for stripe in self._stripes:
            for day in days:
                for plan in stripe.plans(day):
                    if self._life.is_liquidated(plan):
                        versions = self._life.versions_at_end(plan)
                        self._add(plan, burst + mix(plan.seed, 26) % HOUR_MS, Stage.LIQUIDATED, versions)
                        for filed_ms, first in self.protests.after(plan, burst):
                            self._add(first, filed_ms, Stage.PROTESTED, 0)

    def _add_headquarters(self) -> None:
        """Add what headquarters decides about importers of these stripes."""
        own = {stripe.number for stripe in self._stripes}
        first = self._parameters.first_entry_on.toordinal()
        placed, barred = self._importers.overridden(), self._importers.not_eligible()
        for stage, ranks in ((Stage.PLACED, placed), (Stage.NOT_ELIGIBLE, barred)):
            for rank in ranks:
                if rank % self._parameters.stripes in own:
                    seed = mix(self._importers.profile(rank).filers[0], stage)
                    day = first + self._parameters.entry_days // 4 + seed % (self._parameters.entry_days // 2 + 1)
                    plan = Plan(self._parameters.total_summaries + rank, rank, day, seed)
                    self._add(plan, midnight_ms(day) + 15 * HOUR_MS, stage, 0)

    def _add(self, plan: Plan, at_ms: int, stage: int, detail: int) -> None:
        """Add an event that happens within the sample's time, twice if it is published twice."""
        if at_ms >= self._end_ms:
            return
        first, second = self._delivery.published(plan.seed, stage, at_ms)
        order = (plan.ordinal * STAGES + stage) * 2
        pending = self._pending
        pending.setdefault(first // DAY_MS, []).append(Due(first, order, at_ms, stage, detail, plan))
        if second:
            pending.setdefault(second // DAY_MS, []).append(Due(second, order + 1, at_ms, stage, detail, plan))
