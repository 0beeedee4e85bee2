"""What becomes of a summary: the moments of its life, drawn from the bits of its plan.

Nothing here knows goods or importers; each moment is told as (milliseconds, stage, detail) and turned into an
event elsewhere, at the time when it is published.
"""

from enum import IntEnum
from math import fsum
from typing import Final, NamedTuple

from streams.sample.days import DAY_MS, HOUR_MS, day_of, friday_from, hour_table, midnight_ms, working_day_after
from streams.sample.draws import mix, threshold, weighted_table
from streams.sample.parameters import SampleParameters
from streams.sample.plans import Plan


class Stage(IntEnum):
    """A moment in a summary's life; the order breaks ties."""

    FILED = 0
    ACCEPTED = 1
    DATE_SET = 2
    PORT_NOTICE = 3
    REPLACED = 4
    DELETED = 5
    PAID = 6
    CONTROL = 7
    SCHEDULED = 8
    SUSPENDED = 9
    DOCUMENTS = 10
    REJECTED = 11
    REJECTION_NOTICE = 12
    REPLACED_AFTER_REJECTION = 13
    CORRECTED = 14
    REQUEST = 15
    NOTICE = 16
    ANSWERED = 17
    INQUIRY = 18
    CANCELLED = 19
    CANCELLATION_NOTICE = 20
    INACTIVATED = 21
    INACTIVATION_NOTICE = 22
    EXTENDED = 23
    LIQUIDATED = 24
    PROTESTED = 25
    PLACED = 26
    NOT_ELIGIBLE = 27
    WRONG = 28


class Moment(NamedTuple):
    """A stage reached at an instant; `detail` says which variant, code or day, depending on the stage."""

    at_ms: int
    stage: int
    detail: int = 0


class Version(IntEnum):
    """Bits of what a version of a summary contains beside its first content."""

    FIRST = 0
    REPLACED = 1
    AFTER_REJECTION = 2
    CORRECTED = 4


INFORMAL: Final = frozenset(("11", "12"))
SUSPENDED_TYPES: Final = frozenset(("03", "07", "34", "38"))
"""Antidumping and countervailing duty: liquidation is suspended and not scheduled."""

FILING_LAGS: Final = ((0, 12), (1, 14), (2, 12), (3, 9), (4, 7), (5, 6), (6, 5), (7, 6), (8, 9), (9, 12), (10, 8))
"""Working days from release to the summary, and their weights: many at once, many on the last days. Assumed."""

PSC_MARGIN_DAYS: Final = 15
PSC_LIMIT_DAYS: Final = 300
"""A correction comes at most 300 days after entry and 15 days before scheduled liquidation."""


class LifeCycle:
    """Draws the lives of summaries by the shares of the parameters."""

    def __init__(self, parameters: SampleParameters) -> None:
        self.entry_types = weighted_table(parameters.entry_types, 10)
        self._hours = hour_table(parameters.peak_factor)
        self._lags = weighted_table(FILING_LAGS, 6)
        self._liquidation_days = parameters.liquidation_days
        p = parameters
        formal = 1 - fsum(weight for code, weight in p.entry_types if code in INFORMAL)
        gone = p.cancelled_share + p.inactivated_share + p.deleted_share
        self._filed = threshold(p.filed_event_share, 16)
        self._before_release = threshold(p.before_release_share, 16)
        self._late_filing = threshold(p.late_filing_share, 16)
        self._port_notice = threshold(p.port_notice_share, 16)
        self._replaced = threshold(p.replacement_share - p.rejected_share, 16)
        self._cancelled = threshold(p.cancelled_share, 16)
        self._inactivated = threshold(p.cancelled_share + p.inactivated_share, 16)
        self._deleted = threshold(gone, 16)
        self._rejected = threshold(gone + p.rejected_share, 16)
        self._corrected = threshold(min(1.0, p.psc_share / max(formal, 1e-9)), 16)
        self._documents = threshold(p.documents_share, 16)
        self._request = threshold(p.request_share, 16)
        self._notice = threshold(p.request_share + p.notice_share, 16)
        self._answered = threshold(p.answered_share, 16)
        self._inquiry = threshold(p.inquiry_share, 16)
        self._extended = threshold(p.extension_share, 16)
        self._wrong = threshold(p.wrong_share, 16)

    def entry_type(self, plan: Plan) -> str:
        """Return the entry type of a summary."""
        return self.entry_types[plan.seed >> 54]

    def liquidation_day(self, day: int) -> int:
        """Return the Friday (an ordinal date) on which an entry of a day is to be liquidated."""
        return friday_from(day + self._liquidation_days)

    def entry_days_of(self, friday: int) -> range:
        """Return the entry days whose summaries are due on a Friday."""
        return range(friday - self._liquidation_days - 6, friday - self._liquidation_days + 1)

    def is_liquidated(self, plan: Plan) -> bool:
        """Whether a summary lives on to its scheduled liquidation."""
        fate = mix(plan.seed, 2)
        return (
            fate & 0xFFFF >= self._deleted
            and fate >> 16 & 0xFFFF >= self._extended
            and self.entry_type(plan) not in SUSPENDED_TYPES
        )

    def versions_at_end(self, plan: Plan) -> int:
        """Return the `Version` bits of a summary when it is liquidated."""
        fate, extra = mix(plan.seed, 2), mix(plan.seed, 3)
        return (
            Version.REPLACED * (mix(plan.seed, 1) >> 48 < self._replaced)
            + Version.AFTER_REJECTION * (self._deleted <= fate & 0xFFFF < self._rejected)
            + Version.CORRECTED * (extra & 0xFFFF < self._corrected and self.entry_type(plan) not in INFORMAL)
        )

    def moments(self, plan: Plan) -> list[Moment]:
        """Return what happens to a summary up to its liquidation, in no order; the liquidation is not in it."""
        seed, day = plan.seed, plan.day
        before, fate = mix(seed, 1), mix(seed, 2)
        release = self._on(day, mix(seed, 4))
        found = [Moment(release - (1 + (before & 31)) * HOUR_MS, Stage.FILED)] if before & 0xFFFF < self._filed else []
        early = before >> 16 & 0xFFFF < self._before_release
        if early:
            accepted = self._on(day - 1 - (before >> 10 & 1), mix(seed, 5))
            found.append(Moment(release, Stage.DATE_SET))
        else:
            lag = self._lags[mix(seed, 6) & 63]
            if before >> 32 & 0xFFFF < self._late_filing:
                lag = 11 + (mix(seed, 6) >> 8) % 9
            accepted = max(release + HOUR_MS, self._on(working_day_after(day, lag), mix(seed, 5)))
        if mix(seed, 7) & 0xFFFF < self._port_notice:
            noticed = release - (mix(seed, 7) >> 20) % (8 * HOUR_MS)
            found.append(Moment(noticed, Stage.PORT_NOTICE, mix(seed, 7) >> 50 & 7))
        found.append(Moment(accepted, Stage.ACCEPTED, early))
        paid = self._on(working_day_after(max(day, day_of(accepted)), 1 + mix(seed, 8) % 8), mix(seed, 8) >> 8)
        replaced = before >> 48 < self._replaced
        if replaced:
            found.append(Moment(accepted + (paid - accepted) * (10 + mix(seed, 9) % 60) // 100, Stage.REPLACED, early))
        if self._inactivated <= fate & 0xFFFF < self._deleted:
            found.append(Moment(accepted + (paid - accepted) * 9 // 10, Stage.DELETED))
            return self._marked(plan, found, accepted)
        return self._marked(plan, self._after_payment(plan, found, paid, replaced), accepted)

    def _after_payment(self, plan: Plan, found: list[Moment], paid: int, replaced: bool) -> list[Moment]:  # noqa: FBT001 - private
        """Add what happens once CBP has control; end at what makes the summary cease to count."""
        seed, fate = plan.seed, mix(plan.seed, 2)
        control = paid + (5 + mix(seed, 10) % 480) * 60_000
        found += (Moment(paid, Stage.PAID), Moment(control, Stage.CONTROL))
        entry_type = self.entry_type(plan)
        stage = Stage.SUSPENDED if entry_type in SUSPENDED_TYPES else Stage.SCHEDULED
        found.append(Moment(paid + DAY_MS + mix(seed, 11) % (4 * DAY_MS), stage))
        if fate & 0xFFFF < self._inactivated:
            return self._ended(plan, found, control)
        versions = int(Version.REPLACED if replaced else Version.FIRST)
        if fate & 0xFFFF < self._rejected:
            rejected = control + 2 * DAY_MS + mix(seed, 12) % (24 * DAY_MS)
            again = rejected + DAY_MS + mix(seed, 13) % (7 * DAY_MS)
            versions |= Version.AFTER_REJECTION
            found.append(Moment(rejected, Stage.REJECTED))
            found.append(Moment(rejected + 60_000, Stage.REJECTION_NOTICE))
            found.append(Moment(again, Stage.REPLACED_AFTER_REJECTION, versions))
        extra = mix(seed, 3)
        if extra & 0xFFFF < self._corrected and entry_type not in INFORMAL:
            last = min(plan.day + PSC_LIMIT_DAYS, self.liquidation_day(plan.day) - PSC_MARGIN_DAYS)
            day = min(last, day_of(paid) + 40 + mix(seed, 14) % 110)
            found.append(Moment(self._on(day, mix(seed, 15)), Stage.CORRECTED, versions | Version.CORRECTED))
        self._add_questions(plan, found, control, extra)
        if fate >> 16 & 0xFFFF < self._extended:
            day = self.liquidation_day(plan.day) - 5 - mix(seed, 16) % 60
            found.append(Moment(self._on(day, mix(seed, 17)), Stage.EXTENDED))
        return found

    def _ended(self, plan: Plan, found: list[Moment], control: int) -> list[Moment]:
        """Add the cancellation or inactivation with the notice about it, and leave out what would come later."""
        cancelled = mix(plan.seed, 2) & 0xFFFF < self._cancelled
        end = control + 5 * DAY_MS + mix(plan.seed, 18) % (50 * DAY_MS)
        stage = Stage.CANCELLED if cancelled else Stage.INACTIVATED
        notice = Stage.CANCELLATION_NOTICE if cancelled else Stage.INACTIVATION_NOTICE
        return [*(m for m in found if m.at_ms < end), Moment(end, stage), Moment(end + 60_000, notice)]

    def _add_questions(self, plan: Plan, found: list[Moment], control: int, extra: int) -> None:
        """Add what CBP asks, and the trade's answer and questions."""
        seed = plan.seed
        if extra >> 16 & 0xFFFF < self._documents:
            asked = control + DAY_MS + mix(seed, 19) % (19 * DAY_MS)
            found.append(Moment(asked, Stage.DOCUMENTS, 1 + mix(seed, 20) % 3))
        if extra >> 32 & 0xFFFF < self._notice:
            form = Stage.REQUEST if extra >> 32 & 0xFFFF < self._request else Stage.NOTICE
            asked = control + 10 * DAY_MS + mix(seed, 21) % (100 * DAY_MS)
            found.append(Moment(asked, form))
            if mix(seed, 22) & 0xFFFF < self._answered:
                answered = asked + 4 * DAY_MS + mix(seed, 23) % (20 * DAY_MS)
                found.append(Moment(answered, Stage.ANSWERED, form))
        if extra >> 48 < self._inquiry:
            found.append(Moment(control + mix(seed, 24) % (100 * DAY_MS), Stage.INQUIRY))

    def _marked(self, plan: Plan, found: list[Moment], accepted: int) -> list[Moment]:
        """Add an event that is wrong on purpose, where the parameters ask for such."""
        bits = mix(plan.seed, 25)
        if bits & 0xFFFF < self._wrong:
            found.append(Moment(accepted + HOUR_MS + bits % DAY_MS, Stage.WRONG, bits >> 16 & 0xFF))
        return found

    def _on(self, day: int, bits: int) -> int:
        """Return an instant within an ordinal date, by the day's hourly profile."""
        return midnight_ms(day) + self._hours[bits & 1023] + ((bits >> 10 & 0x3FFFFF) * HOUR_MS >> 22)
