"""Placement told once more, slowly: everything is looked up in the list of what stands, with exact fractions.

It knows nothing of running totals, of windows that move or of cuts that are left out; the real one must agree.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from streams.customs.contribution import Contribution
from streams.customs.policy import Measure, PlacementPolicy
from streams.customs.tariff import cell_center


@dataclass
class Oracle:
    """One importer under the rules of placement; `filed` are entry day and contribution of all that stands."""

    policy: PlacementPolicy
    filed: list[tuple[int, Contribution]] = field(default_factory=list)
    history: set[int] = field(default_factory=set)
    """Entry days that were before the window; taking such an entry back does not make it unknown."""
    center: int = 0
    since: int = 0
    firm: bool = False
    stale: bool = False
    leads: list[int] = field(default_factory=list)
    """Who led by the points of P7 at each cut since the last move; 0 for nobody."""

    def days(self, today: int) -> set[int]:
        """Return all entry days known."""
        days = {day for day, _ in self.filed}
        self.history |= {day for day in days if day < today - self.policy.window_days}
        return days | self.history

    def in_window(self, today: int) -> list[tuple[int, Contribution]]:
        """P1: What counts on a day."""
        return [(day, contribution) for day, contribution in self.filed if day >= today - self.policy.window_days]

    def sums(self, today: int, of: Callable[[Contribution], int]) -> dict[int, int]:
        """Return a sum over summaries by Center."""
        sums: dict[int, int] = {}
        for _, contribution in self.in_window(today):
            for center in {cell_center(row[0]) for row in contribution}:
                rows = tuple(row for row in contribution if cell_center(row[0]) == center)
                sums[center] = sums.get(center, 0) + of(rows)
        return sums

    def shares(self, today: int) -> dict[int, Fraction]:
        """P4: Return each Center's share of what is measured."""
        of = {
            Measure.LINES: lines,
            Measure.LINES_THEN_VALUE: lines,
            Measure.VALUE: value,
            Measure.ENTRY_SUMMARIES: one,
        }[self.policy.measure]
        sums = self.sums(today, of)
        whole = len(self.in_window(today)) if of is one else sum(sums.values())
        return {center: Fraction(part, whole) if whole else Fraction(0) for center, part in sums.items()}

    def leader(self, today: int) -> int:
        """P13: Return who leads."""
        shares, values = self.shares(today), self.sums(today, value)
        by_value = self.policy.measure is Measure.LINES_THEN_VALUE

        def rank(center: int) -> tuple[Fraction, int, bool, int, int, int]:
            recent = max(day for day, rows in self.in_window(today) if center in {cell_center(row[0]) for row in rows})
            worth = values[center]
            return shares[center], worth if by_value else 0, center == self.center, worth, recent, -center

        return max(shares, key=rank, default=0)

    def place(self, today: int) -> None:
        """P2, P18: Place an importer without a placement, or with one that a new entry finds stale."""
        last = max(self.days(today), default=0)
        revived = self.stale and today - last <= self.policy.stale_after_days
        if (not self.center or revived) and len(self.in_window(today)) >= self.policy.minimum_summaries:
            self.center, self.since, self.firm, self.stale = self.leader(today), today, False, False
            self.leads = []

    def cut(self, today: int) -> None:
        """Fold the cut that opens a day."""
        days = self.days(today)
        if not self.center or self.stale:
            return
        last = max(days, default=self.since)
        if today - last > self.policy.stale_after_days:
            self.stale, self.leads = True, []
            return
        leader = self.leader(today) or self.center
        if not self.firm:
            self.follow(leader, today)
            return
        shares = self.shares(today)
        lead = shares.get(leader, Fraction(0)) - shares.get(self.center, Fraction(0))
        self.leads.append(leader if lead > 0 and lead >= Fraction(self.policy.lead_points, 100) else 0)
        held = self.leads[-self.policy.dwell_cuts :]
        full = len(held) == self.policy.dwell_cuts and len(set(held)) == 1 and held[0] != 0
        if full and today - self.since >= self.policy.settled_days:
            self.center, self.since, self.leads = leader, today, []

    def follow(self, leader: int, today: int) -> None:
        """P8, P2: Let a provisional placement follow the plurality, and make it firm."""
        if leader != self.center:
            self.center, self.since = leader, today
        first = min(self.days(today), default=today)
        enough = sum(self.sums(today, lines).values()) >= self.policy.firm_lines
        self.firm = enough and today - first >= self.policy.firm_days


def lines(rows: Contribution) -> int:
    """Return the voting lines of rows."""
    return sum(row[1] for row in rows)


def value(rows: Contribution) -> int:
    """Return the value of rows."""
    return sum(row[2] for row in rows)


def one(rows: Contribution) -> int:
    """Return one for a summary, whatever it holds."""
    return 1 if rows else 0
