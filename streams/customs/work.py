"""Kinds of post-release work, what calls for each of them, and whose it is.

`WORK_TYPES` has the kinds that the events known so far lead to; the numbers are the rows of the division of
labour and are stored, so they never change. Which cases an entry has open is read from its registers, like
its state: what is wanted but not open is opened, what is open but no longer wanted is closed.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from streams.customs.entry_summary import Entry
from streams.customs.life_cycle import ENDED, FINAL, State


class Action(StrEnum):
    """What a published piece of work says about its case."""

    OPENED = "opened"
    UPDATED = "updated"
    TRANSFERRED_OUT = "transferred_out"
    TRANSFERRED_IN = "transferred_in"
    CLOSED = "closed"


class Role(StrEnum):
    """Why a reader gets a piece of work: to decide, to act beside the owner, or to know."""

    OWNER = "owner"
    JOINT = "joint"


class WorkType(NamedTuple):
    """A kind of work: stored number, name, owner, joint owner, and the source of the division of labour."""

    number: int
    name: str
    owner: str
    joint: str
    source: str

    @property
    def bit(self) -> int:
        """The work type as a bit of a set of work types."""
        return 1 << self.number


REVIEW: Final = WorkType(1, "entry_summary_review", "center", "", "81 FR 92978")
FILING_CHECK: Final = WorkType(2, "entry_summary_filing_check", "center", "port", "19 CFR 142.12(b)")
CANCELLATION: Final = WorkType(
    4, "entry_summary_cancellation", "center", "port", "ACE Entry Summary Status Notification, dispositions 5 and 6"
)
DOCUMENTS_REQUIRED: Final = WorkType(
    5, "documents_required", "center", "", "ACE Entry Summary Status Notification, dispositions 1 to 3"
)
INFORMAL_REVIEW: Final = WorkType(6, "informal_entry_review", "center", "", "81 FR 92978")
WITHDRAWAL_REVIEW: Final = WorkType(7, "warehouse_withdrawal_review", "center", "", "81 FR 92978")
QUOTA: Final = WorkType(8, "quota_processing", "center", "", "19 CFR part 132; 81 FR 92978")
CENSUS: Final = WorkType(12, "census_warning_resolution", "center", "", "ACE Entry Summary, record CW02")
AD_CVD_REVIEW: Final = WorkType(
    24, "antidumping_countervailing_review", "center", "", "ACE Entry Summary, record 53; UC reason 010"
)
LIQUIDATION_POSTED: Final = WorkType(33, "liquidation_posted", "center", "", "19 USC 1514(c)(3), 1501")
CARGO_RELEASE: Final = WorkType(49, "cargo_release", "port", "", "81 FR 92978")
EXPORT_CONTROL: Final = WorkType(50, "export_control", "port", "", "81 FR 92978")
DRAWBACK: Final = WorkType(51, "drawback_claim", "drawback_office", "", "19 USC 1504(a)(2); 81 FR 92978")
SEIZURE: Final = WorkType(52, "seizure_and_forfeiture", "port", "", "81 FR 92978")

WORK_TYPES: Final[Mapping[int, WorkType]] = MappingProxyType(
    {
        work_type.number: work_type
        for work_type in (
            REVIEW,
            FILING_CHECK,
            CANCELLATION,
            DOCUMENTS_REQUIRED,
            INFORMAL_REVIEW,
            WITHDRAWAL_REVIEW,
            QUOTA,
            CENSUS,
            AD_CVD_REVIEW,
            LIQUIDATION_POSTED,
            CARGO_RELEASE,
            EXPORT_CONTROL,
            DRAWBACK,
            SEIZURE,
        )
    }
)

DRAWBACK_TYPES: Final = frozenset({"41", "42", "43", "44", "45", "46", "47"})
"""Entry types that never reach a Center: drawback stays with its own offices."""

_CALLED_FOR_BY_TYPE: Final[Mapping[str, tuple[WorkType, ...]]] = MappingProxyType(
    {
        "02": (QUOTA,),
        "03": (AD_CVD_REVIEW,),
        "07": (QUOTA, AD_CVD_REVIEW),
        "11": (INFORMAL_REVIEW,),
        "12": (INFORMAL_REVIEW, QUOTA),
        "31": (WITHDRAWAL_REVIEW,),
        "32": (WITHDRAWAL_REVIEW, QUOTA),
        "34": (WITHDRAWAL_REVIEW, AD_CVD_REVIEW),
        "38": (WITHDRAWAL_REVIEW, QUOTA, AD_CVD_REVIEW),
    }
)


def called_for(entry_type: str, *, ad_cvd: bool, census_warning: bool) -> int:
    """Return the work that a version of a summary calls for by its own content, as bits of work types."""
    if entry_type in DRAWBACK_TYPES:
        return DRAWBACK.bit
    wanted = REVIEW.bit
    for work_type in _CALLED_FOR_BY_TYPE.get(entry_type, ()):
        wanted |= work_type.bit
    if ad_cvd:
        wanted |= AD_CVD_REVIEW.bit
    if census_warning:
        wanted |= CENSUS.bit
    return wanted


_FILING_CHECK_BIT: Final = FILING_CHECK.bit
_CANCELLATION_BIT: Final = CANCELLATION.bit
_LIQUIDATION_BIT: Final = LIQUIDATION_POSTED.bit
_DRAWBACK_BIT: Final = DRAWBACK.bit


def wanted_cases(entry: Entry, state: State) -> int:
    """Return the cases that an entry in a state has open, as bits of work types.

    Until a summary is known its filing is watched; while the summary is reviewed (also between a rejection and
    the replacement) its content and CBP's notices call for work; liquidation ends all that and opens the time
    for protest and reliquidation.
    """
    if state is State.EXPECTED:
        return _FILING_CHECK_BIT if entry.filed_ms else 0
    if entry.called_for & _DRAWBACK_BIT:
        return 0 if state in ENDED else _DRAWBACK_BIT
    if state in FINAL:
        return _LIQUIDATION_BIT
    if state is State.DELETED:
        return 0
    if state in ENDED:
        return _CANCELLATION_BIT
    return entry.called_for | entry.asked
