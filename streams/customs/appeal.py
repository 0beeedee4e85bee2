"""Appeals against a Center assignment: what one has to contain, how it goes on, and the data that we add ourselves.

An importer may appeal at any time, and nothing says by when an appeal is decided (19 CFR 101.10(c)). The placement
stays as it is until one is granted (P19).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from streams.customs.evidence import HeadingCount, headings_of
from streams.customs.ledger import Ledger
from streams.customs.placement import history_class
from streams.customs.standing import NOWHERE, HistoryClass
from streams.customs.tariff_mix import CountedDays, Day, Mix, cells_since

_ONE_YEAR: Final = 365


class AppealState(StrEnum):
    """P19: how far an appeal has come; a new state is added at the end, their order is stored."""

    RECEIVED = "received"
    INCOMPLETE = "incomplete"
    """Required contents are missing: it waits, without limit, for the importer to complete it."""
    UNDER_REVIEW = "under_review"
    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


_OPEN: Final = frozenset({AppealState.RECEIVED, AppealState.INCOMPLETE, AppealState.UNDER_REVIEW})
_ANY_END: Final = frozenset({AppealState.GRANTED, AppealState.DENIED, AppealState.WITHDRAWN})

TRANSITIONS: Final[Mapping[AppealState, frozenset[AppealState]]] = MappingProxyType(
    {
        AppealState.RECEIVED: _ANY_END | {AppealState.INCOMPLETE, AppealState.UNDER_REVIEW},
        AppealState.INCOMPLETE: frozenset({AppealState.DENIED, AppealState.WITHDRAWN, AppealState.UNDER_REVIEW}),
        AppealState.UNDER_REVIEW: _ANY_END | {AppealState.INCOMPLETE},
        AppealState.GRANTED: frozenset(),
        AppealState.DENIED: frozenset(),
        AppealState.WITHDRAWN: frozenset(),
    }
)
"""What headquarters can make of an appeal in each state; one that lacks contents is not granted."""


class Appeal(NamedTuple):
    """An appeal as it stands."""

    state: AppealState
    received_day: Day
    current_center: int
    """What the importer gives as its Center; `NOWHERE` if it gives none."""
    preferred_center: int
    decided_day: Day = 0
    effective_day: Day = 0
    told_ms: int = 0
    """Time of the latest word on it."""
    importer: str = ""
    """Number under which it was filed: it goes where the number goes."""

    @property
    def is_open(self) -> bool:
        """Tell whether it waits for contents or for a decision."""
        return self.state in _OPEN


class Projection(NamedTuple):
    """One row of an appeal's import data: its heading, and whether it is projected or of the past."""

    importer: str
    heading: str
    is_projected: bool


class Filed(NamedTuple):
    """What an appeal contains (19 CFR 101.10(c)(1)-(5))."""

    received_day: Day
    current_center: int
    preferred_center: int
    importers: tuple[str, ...]
    bonds: tuple[str, ...]
    is_justified: bool
    data: tuple[Projection, ...]


def missing_contents(filed: Filed, ledger: Ledger, today: Day) -> tuple[str, ...]:
    """Return what an appeal lacks, in sentences for the importer; none where it is complete (R7, R8)."""
    center = ledger.standing.center
    lacks = [
        (filed.current_center == NOWHERE, "the current Center is not named (19 CFR 101.10(c)(1))"),
        (
            filed.current_center not in (NOWHERE, center),
            "the Center named as the current one does not have the importer (19 CFR 101.10(c)(1))",
        ),
        (filed.preferred_center == NOWHERE, "the preferred Center is not named (19 CFR 101.10(c)(2))"),
        (
            NOWHERE != filed.preferred_center == center,
            "the preferred Center has the importer already (19 CFR 101.10(c)(2))",
        ),
        (
            not filed.importers or bool(set(ledger.importers) - set(filed.importers)),
            "not all affected importer numbers are named (19 CFR 101.10(c)(3))",
        ),
        (not filed.bonds, "no bond number is named (19 CFR 101.10(c)(3))"),
        (not filed.is_justified, "there is no written justification (19 CFR 101.10(c)(4))"),
    ]
    return tuple([what for is_missing, what in lacks if is_missing] + _missing_data(filed, ledger.mix, today))


def _missing_data(filed: Filed, mix: Mix, today: Day) -> list[str]:
    """R8: projections from importers with less than a year of history, prior data from all that have one."""
    history = history_class(mix.first_day, today)
    lacks = []
    if history is not HistoryClass.OVER_ONE_YEAR and not any(row.is_projected for row in filed.data):
        lacks.append("projected importations by four-digit heading are missing (19 CFR 101.10(c)(5)(i), (ii))")
    if history is not HistoryClass.NEW and all(row.is_projected for row in filed.data):
        lacks.append("prior entry summary lines and value by four-digit heading are missing (19 CFR 101.10(c)(5))")
    return lacks


class Extract(NamedTuple):
    """One year of what the importer's summaries count, as an appeal needs it (R8)."""

    since: Day
    """First entry day that it covers."""
    history: HistoryClass
    headings: tuple[HeadingCount, ...]
    """Lines and value in whole dollars per four-digit heading and Center."""


def extract_of(mix: Mix, days: CountedDays, today: Day) -> Extract:
    """Return the extract of the year before a day, from what is counted for each entry day.

    A look-back window of less than a year (P1) gives less: days that have left it are not kept.
    """
    since = max(mix.counted_from, today - _ONE_YEAR)
    headings = headings_of(cells_since(mix, days, since))
    return Extract(since, history_class(mix.first_day, today), headings)
