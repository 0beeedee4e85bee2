"""Protests: a liquidation that an importer contests, and those of the following weeks that it adds."""

from collections.abc import Iterator
from typing import NamedTuple

from streams.sample.days import DAY_MS
from streams.sample.draws import mix, quantile_table, threshold
from streams.sample.parameters import SampleParameters
from streams.sample.plans import Plan


class Contested(NamedTuple):
    """One liquidated entry of a protest; `liquidated_ms` is the hour of its Friday's cycle."""

    plan: Plan
    liquidated_ms: int


class Protests:
    """Collects the entries of each importer's open protest until it is filed."""

    def __init__(self, parameters: SampleParameters) -> None:
        self._share = threshold(parameters.protest_share, 20)
        self._entries = quantile_table(parameters.protest_entries, 8)
        low, high = parameters.protest_filed_days
        self._low = low
        self._choices = high - low + 1
        self._open: dict[int, tuple[int, list[Contested]]] = {}
        self._filed: dict[int, list[Contested]] = {}

    def after(self, plan: Plan, liquidated_ms: int) -> Iterator[tuple[int, Plan]]:
        """Take note of a liquidation; yield instant and first plan of a protest that this one opens."""
        opened = self._open.get(plan.rank)
        if opened is not None:
            wanted, entries = opened
            entries.append(Contested(plan, liquidated_ms))
            if len(entries) >= wanted:
                del self._open[plan.rank]
            return
        bits = mix(plan.seed, 27)
        if bits & 0xFFFFF < self._share:
            wanted = self._entries[bits >> 20 & 255]
            entries = [Contested(plan, liquidated_ms)]
            self._filed[plan.ordinal] = entries
            if wanted > 1:
                self._open[plan.rank] = (wanted, entries)
            days = self._low + (bits >> 30) % self._choices
            yield liquidated_ms + days * DAY_MS + (bits >> 40 & 0xFFFF) * 200, plan

    def entries_of(self, plan: Plan, filed_ms: int) -> list[Contested]:
        """Return what a protest covers that is filed now; nothing is added to it any more."""
        opened = self._open.get(plan.rank)
        entries = self._filed[plan.ordinal]
        if opened is not None and opened[1] is entries:
            del self._open[plan.rank]
        return [entry for entry in entries if entry.liquidated_ms < filed_ms]
