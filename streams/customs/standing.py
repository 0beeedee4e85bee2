"""Where an importer stands: its computed placement, headquarters' word, and who challenges."""

from enum import IntFlag, StrEnum
from typing import Final, NamedTuple

from streams.customs.tariff import Day

NOWHERE: Final = 0
"""In place of a Center: the importer has none."""


class Basis(StrEnum):
    """On what ground an importer is in its Center (19 CFR 101.10(b)); all but the first are headquarters' word."""

    PREDOMINANT_GOODS = "predominant_goods"
    BUSINESS_PRACTICE = "business_practice"
    INTENDED_USE = "intended_use"
    HIGH_RELATIVE_VALUE = "high_relative_value"
    APPEAL_GRANTED = "appeal_granted"
    BROKER = "broker"


class HistoryClass(StrEnum):
    """P3: how long the known history of an importer's entries is (19 CFR 101.10(c)(5))."""

    NEW = "new"
    """No entry before the day of placement."""
    UNDER_ONE_YEAR = "under_one_year"
    OVER_ONE_YEAR = "over_one_year"
    """The first entry is 365 days old or older."""


class Flag(IntFlag):
    """What a person should look at in a placement; it changes nothing by itself."""

    NO_CLEAR_LEADER = 1
    """P6: the leading Center's share is below the limit."""
    VALUE_ELSEWHERE = 2
    """P5: another Center holds most of the value."""


class Placement(NamedTuple):
    """An importer's place as the computation gives it."""

    center: int
    since: Day
    """First day in this Center (effective from)."""
    firm: bool
    """False while provisional (P2): it then follows the plurality at every cut."""
    stale: bool
    """True after a year without entry (P18): kept, until the next entry places anew."""
    history: HistoryClass
    """P3, as it was when the importer was placed, moved or made firm."""
    policy_version: str
    coverage_version: str


class Override(NamedTuple):
    """A placement by headquarters: it wins over the computation until it is removed."""

    center: int
    basis: Basis
    reason: str
    effective_on: Day


class Standing(NamedTuple):
    """All that is remembered of one importer's placement; `NEWCOMER` is where everyone begins."""

    computed: Placement | None = None
    """What the computation gives, also while headquarters' word stands above it."""
    override: Override | None = None
    """The override in force."""
    scheduled: Override | None = None
    """An override that begins on a later day."""
    eligible: bool = True
    challenger: int = NOWHERE
    """Center that leads the computed one by the points of P7."""
    challenger_since: Day = 0
    """The first of the consecutive cuts at which it led."""
    flags: int = 0
    """Bits of `Flag`."""
    coverage_version: str = ""
    """Coverage under which the importer's window was last looked at as a whole (P12)."""
    last_cut: Day = 0
    """The latest daily cut that was looked at; at those since, nothing could change."""
    review_on: Day = 0
    """The next cut that could change anything, if nothing is counted or retracted before; 0 if none could."""
    broker: bool = False
    """CBP's file says that the importer is a broker."""
    singly: bool = False
    """P11: each of its entry summaries goes by its own goods; no Center has the importer as a whole."""

    @property
    def center(self) -> int:
        """Number of the Center that has the importer; `NOWHERE` if none has."""
        if not self.eligible or (self.singly and not self.override):
            return NOWHERE
        placed = self.override or self.computed
        return placed.center if placed else NOWHERE

    @property
    def basis(self) -> Basis:
        """On what ground the importer is where it is."""
        return self.override.basis if self.override else Basis.PREDOMINANT_GOODS

    @property
    def effective_from(self) -> Day:
        """First day of the placement in force; 0 if there is none."""
        if self.override:
            return self.override.effective_on
        return self.computed.since if self.computed else 0

    @property
    def diverges(self) -> bool:
        """Tell whether headquarters has put the importer elsewhere than its goods would."""
        return bool(self.override and self.computed and self.override.center != self.computed.center)


NEWCOMER: Final = Standing()
