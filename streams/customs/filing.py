"""Taking a whole entry summary: added, replaced or corrected. There are no deltas: each version wipes the former."""

from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from streams.customs.account_work import AccountWork
from streams.customs.calendar import EPOCH, add_months, day_starts_ms, eastern_day_number
from streams.customs.casework import Reason
from streams.customs.entry_summary import Entry, broken_rule, state_of
from streams.customs.events import SummaryFiled
from streams.customs.life_cycle import FINAL, Kind, State
from streams.customs.outcomes import Ignored, Introduced, Refused, Released
from streams.customs.replacing import replacing
from streams.customs.rules import OLDER_VERSION, ONLY_AFTER_REJECTION, Rule
from streams.customs.tariff_mix import contribution_of
from streams.customs.work import called_for
from streams.customs.work_types import REVIEW

_REUSE_MONTHS: Final = 120
_TOUCHES: Final = REVIEW.bit


def file_summary(work: AccountWork, known: Entry, event: SummaryFiled) -> None:
    """Count a version of a summary in place of the former one, place the importer, route the work."""
    number = event.entry_number
    if known.version:
        answer = _objection(known, event)
        if answer is not None:
            work.out.append(answer)
            return
        known = _opened_generation(work, known, event)
    entry = with_summary(work, known, event)
    entry = settle_version(work, number, (known, entry), Reason(event.kind, _TOUCHES, work.now_ms), event.body)
    if not known.version:
        work.out.append(Introduced(number, entry))
    if known.waiting:
        work.out.append(Released(number))


def settle_version(work: AccountWork, number: str, change: tuple[Entry, Entry], reason: Reason, body: bytes) -> Entry:
    """Let a version take the place of what was known: in the mix, in the cases, on the clocks and on file."""
    known, entry = change
    state = state_of(entry)
    entry = work.recounted(known, entry, state)
    entry = work.settled(number, entry, state, reason, body)
    work.books.keep_summary(number, entry.generation, body, replaces=bool(known.version))
    work.books.keep_entry(number, entry)
    return entry


def _objection(known: Entry, event: SummaryFiled) -> Ignored | Refused | None:
    """Return why a version is not taken, or None."""
    version = (event.version, event.accepted_ms, event.event_id)
    newest = (known.version, known.accepted_ms, known.version_event)
    if version == newest:
        return Ignored(None, event.entry_number)
    if version < newest and not starts_anew(known, event):
        return Ignored(OLDER_VERSION, event.entry_number)
    rule = broken_filing_rule(known, event)
    return Refused(rule, event.entry_number) if rule is not None else None


def broken_filing_rule(known: Entry, event: SummaryFiled) -> Rule | None:
    """Return the rule that a newer version breaks; under CBP control its number must have grown."""
    state = state_of(known)
    if starts_anew(known, event):
        return None
    same_number = event.version == known.version
    if state is State.CBP_CONTROL and event.kind is Kind.REPLACED and same_number:
        return ONLY_AFTER_REJECTION if event.accepted_ms >= known.control_ms else None
    return broken_rule(known, state, event.kind, event.accepted_ms)


def starts_anew(known: Entry, event: SummaryFiled) -> bool:
    """Tell whether the entry number is used again, as it may be 120 months after liquidation."""
    if event.kind is not Kind.ACCEPTED or not known.liquidated_day or state_of(known) not in FINAL:
        return False
    free_from = add_months(EPOCH + timedelta(days=known.liquidated_day), _REUSE_MONTHS)
    return event.accepted_ms >= day_starts_ms(free_from)


def _opened_generation(work: AccountWork, known: Entry, event: SummaryFiled) -> Entry:
    if not starts_anew(known, event):
        return known
    work.books.archive_entry(event.entry_number, known)
    return Entry(generation=known.generation + 1, due_on=known.due_on)


def with_summary(work: AccountWork, known: Entry, event: SummaryFiled) -> Entry:
    """Return the entry with a new version; nothing of the former one stays but what CBP and ports have told."""
    ad_cvd = any(line.has_ad_cvd for line in event.lines)
    summary_day = event.entry_day or eastern_day_number(event.accepted_ms)
    coverage = work.rules.coverage.in_force(known.set_day or summary_day)
    wanted = called_for(
        event.entry_type,
        ad_cvd=ad_cvd,
        census_warning=event.census_warnings,
        corrected=event.kind is Kind.CORRECTED,
    )
    importer, ports, entry_type, version = _shared(event.importer, event.ports, event.entry_type, event.version)
    return _with_version(
        known,
        importer,
        ports,
        entry_type,
        version,
        event.accepted_ms,
        event.event_id,
        event.kind is Kind.CORRECTED,
        wanted,
        event.import_day,
        summary_day,
        contribution_of(event.lines, coverage),
        0,
        False,  # noqa: FBT003 - values in the order of the names below
        known.done & ~wanted,
    )


@lru_cache(maxsize=65_536)
def _shared(*codes: Any) -> tuple[Any, ...]:  # noqa: ANN401 - the types of the codes, as they are
    """Return codes as the same objects whenever they come again: an importer's entries share theirs in memory."""
    return codes


_with_version: Final = replacing(
    Entry,
    "importer",
    "ports",
    "entry_type",
    "version",
    "accepted_ms",
    "version_event",
    "corrected",
    "called_for",
    "import_day",
    "summary_day",
    "counted",
    "told",
    "waiting",
    "done",
)
