"""Taking post-summary corrections, and CBP's word that takes them back: then the former version stands again.

Whether a correction stands is read from all that was filed and undone (`versions`), so it does not depend on the order
of arrival. What a correction needs and is not known yet (its summary, the payment, the schedule) it waits for.
"""

from typing import Final, NamedTuple

from streams.customs.account_work import AccountWork
from streams.customs.calendar import EPOCH, eastern_day_number
from streams.customs.case_clocks import clocks_of
from streams.customs.casework import Reason
from streams.customs.correction_rules import (
    AT_MOST,
    GIVES_REASONS,
    IN_TIME,
    KEEPS_IMPORTER_AND_PORT,
    NOT_INFORMAL,
    NOT_RECONCILED,
    OF_A_PAID_SUMMARY,
    OF_A_SCHEDULED_LIQUIDATION,
    TYPE_BETWEEN_01_AND_03,
)
from streams.customs.entry_summary import Entry, entry_day
from streams.customs.events import Envelope, SummaryFiled
from streams.customs.facts import summarised, wait
from streams.customs.facts_known import Fact, latest_ms, with_fact
from streams.customs.filing import broken_filing_rule, file_summary, settle_version, starts_anew, with_summary
from streams.customs.life_cycle import Kind
from streams.customs.liquidation import FactNoted, note_fact, with_known
from streams.customs.outcomes import Ignored, Refused
from streams.customs.rules import OLDER_VERSION, ONLY_CORRECTIONS, UNKNOWN_ENTRY, Rule
from streams.customs.tariff import Day
from streams.customs.tariff_mix import remapped
from streams.customs.versions import (
    BASE,
    Filed,
    Undoing,
    Versions,
    dump_versions,
    load_versions,
    standing,
    with_filed,
    with_undoing,
)
from streams.customs.work_types import CORRECTION_REVIEW, REJECTION, REVIEW

_INFORMAL: Final = frozenset({"11", "12"})
_RECONCILIATION: Final = "09"
_AD_CVD: Final = frozenset({"03", "07", "34", "38"})
_INTERCHANGEABLE: Final = frozenset({"01", "03"})


class CorrectionUndone(NamedTuple):
    """CBP took accepted corrections back, or rejected one."""

    cause: Envelope
    fact: Fact
    """`PSC_REVERTED` or `PSC_REJECTED`."""
    entry_number: str
    day: Day
    rule: str
    """Name of the event."""
    version: str
    """The version that stands again, or the rejected one; empty where it is not told."""


def take_summary(work: AccountWork, event: SummaryFiled) -> None:
    """Take a version of a summary: a correction, or an ordinary one that may come later than its corrections."""
    known = work.entry(event.entry_number)
    if known is None:
        return
    if event.kind is Kind.CORRECTED:
        _take_correction(work, known, event)
    elif known.facts and latest_ms(known.facts, Fact.CORRECTED) and not starts_anew(known, event):
        _take_base(work, known, event)
    else:
        file_summary(work, known, event)


def _take_correction(work: AccountWork, known: Entry, event: SummaryFiled) -> None:
    number = event.entry_number
    if not known.version:
        _await(work, known, event, UNKNOWN_ENTRY)
        return
    versions = _versions(work, number, known)
    filed = Filed(event.version, event.accepted_ms, event.event_id.hex(), corrects=True)
    if filed in versions.filed:
        work.out.append(Ignored(None, number))
        return
    rule = _broken_by_content(known, event) or broken_filing_rule(known, event)
    if rule is None and versions.is_full:
        rule = AT_MOST
    if rule is not None:
        work.out.append(Refused(rule, number))
        return
    lacking = _lacking(known, event)
    if lacking is not None:
        _await(work, known, event, lacking)
        return
    if not versions.filed:
        versions = with_filed(versions, _keep_as_base(work, number, known))
    facts = with_fact(known.facts, Fact.CORRECTED, 0, event.accepted_ms)
    _take_version(work, known._replace(facts=facts), event, with_filed(versions, filed))


def _await(work: AccountWork, known: Entry, event: SummaryFiled, rule: Rule) -> None:
    """Let a correction wait for what it lacks; refuse it once it has waited long enough."""
    if work.waited:
        work.out.append(Refused(rule, event.entry_number))
    else:
        wait(work, event.entry_number, known)


def _broken_by_content(known: Entry, event: SummaryFiled) -> Rule | None:
    """Return the rule that a correction breaks by what it says, or None."""
    if not event.has_grounds:
        return GIVES_REASONS
    if event.entry_type in _INFORMAL or known.entry_type in _INFORMAL:
        return NOT_INFORMAL
    if _RECONCILIATION in (event.entry_type, known.entry_type):
        return NOT_RECONCILED
    if (event.importer, event.ports[0]) != (known.importer, known.ports[0]):
        return KEEPS_IMPORTER_AND_PORT
    if event.entry_type != known.entry_type and not {event.entry_type, known.entry_type} <= _INTERCHANGEABLE:
        return TYPE_BETWEEN_01_AND_03
    return None


def _lacking(known: Entry, event: SummaryFiled) -> Rule | None:
    """Return the rule that a correction breaks as far as is known now; what it lacks may still be told."""
    if not known.paid_day:
        return OF_A_PAID_SUMMARY
    if not known.scheduled_day and not {event.entry_type, known.entry_type} & _AD_CVD:
        return OF_A_SCHEDULED_LIQUIDATION
    [window] = clocks_of(CORRECTION_REVIEW, known)
    accepted = eastern_day_number(event.accepted_ms)
    return IN_TIME if accepted > (window.closes_after - EPOCH).days else None


def _take_base(work: AccountWork, known: Entry, event: SummaryFiled) -> None:
    """Take an ordinary version of a corrected summary: one from before its corrections may only have come late."""
    number = event.entry_number
    versions = _versions(work, number, known)
    filed = Filed(event.version, event.accepted_ms, event.event_id.hex(), corrects=False)
    base = versions.base
    assert base is not None, "a corrected summary has a base"
    if filed == base:
        work.out.append(Ignored(None, number))
    elif event.accepted_ms >= versions.first_correction_ms:
        work.out.append(Refused(ONLY_CORRECTIONS, number))
    elif filed < base:
        work.out.append(Ignored(OLDER_VERSION, number))
    else:
        _take_version(work, known, event, with_filed(versions, filed))


def _take_version(work: AccountWork, known: Entry, event: SummaryFiled, versions: Versions) -> None:
    """Keep a version, and let the one stand that then does."""
    number = event.entry_number
    filed = Filed(event.version, event.accepted_ms, event.event_id.hex(), event.kind is Kind.CORRECTED)
    work.books.keep_version(number, known.generation, filed.name, with_summary(work, known, event), event.body)
    _keep(work, number, known, versions)
    if _is_current(known, standing(versions)):
        work.books.keep_entry(number, known)
        if (event.version, event.accepted_ms) < (known.version, known.accepted_ms):
            work.out.append(Ignored(OLDER_VERSION, number))
    else:
        _let_stand(work, known, number, versions, Reason(event.kind, REVIEW.bit, work.now_ms))


def undo_correction(work: AccountWork, event: CorrectionUndone) -> None:
    """Take CBP's word that a correction does not stand; the former version takes its place."""
    noted = FactNoted(event.cause, event.fact, event.entry_number, event.day, event.rule)
    rejects = event.fact is Fact.PSC_REJECTED
    if rejects and not event.version:
        note_fact(work, noted)  # a correction that was never accepted: nothing else stands because of it
        return
    number = event.entry_number
    entry = summarised(work, number)
    if entry is None:
        return
    versions = _versions(work, number, entry)
    undoing = Undoing(event.cause.at_ms, event.version, rejects)
    if undoing in versions.undoings or versions.is_full:
        work.out.append(Ignored(None, number) if undoing in versions.undoings else Refused(AT_MOST, number))
        return
    versions = with_undoing(versions, undoing)
    _keep(work, number, entry, versions)
    entry = entry._replace(facts=with_fact(entry.facts, event.fact, event.day, event.cause.at_ms))
    stands = standing(versions)
    if stands is None or _is_current(entry, stands):
        work.books.keep_entry(number, with_known(work, number, entry, noted))
        return
    touched = REVIEW.bit | REJECTION.bit if rejects else REVIEW.bit
    _let_stand(work, entry, number, versions, Reason(event.rule, touched, work.now_ms))


def _let_stand(work: AccountWork, known: Entry, number: str, versions: Versions, reason: Reason) -> None:
    """Put the version that stands in the place of the present one, with all that follows from it."""
    stands = standing(versions)
    assert stands is not None, "something was filed"
    kept = work.books.version(number, known.generation, stands.name)
    assert kept is not None, "every version that may stand is on file"
    version, body = kept
    entry = known._replace(
        entry_type=version.entry_type,
        importer=version.importer,
        ports=version.ports,
        version=version.version,
        accepted_ms=version.accepted_ms,
        version_event=version.version_event,
        corrected=version.corrected,
        called_for=version.called_for,
        import_day=version.import_day,
        summary_day=version.summary_day,
        told=0,
        done=known.done & ~version.called_for,
    )
    book = work.rules.coverage
    coverage = book.in_force(entry_day(entry))
    is_same = coverage is book.in_force(entry_day(version))
    entry = entry._replace(counted=version.counted if is_same else remapped(version.counted, coverage))
    settle_version(work, number, (known, entry), reason, body)


def _is_current(entry: Entry, stands: Filed | None) -> bool:
    current = (entry.version, entry.accepted_ms, entry.version_event.hex(), entry.corrected)
    return stands is not None and current == tuple(stands)


def _keep_as_base(work: AccountWork, number: str, known: Entry) -> Filed:
    """Keep the version that is corrected, should the correction be taken back."""
    body = work.books.summary(number, known.generation)
    assert body is not None, "the summary of a known version is on file"
    work.books.keep_version(number, known.generation, BASE, known, body)
    return Filed(known.version, known.accepted_ms, known.version_event.hex(), corrects=False)


def _name(number: str, entry: Entry) -> str:
    return f"versions/{number}/{entry.generation}"


def _versions(work: AccountWork, number: str, entry: Entry) -> Versions:
    return load_versions(work.books.note(_name(number, entry)))


def _keep(work: AccountWork, number: str, entry: Entry, versions: Versions) -> None:
    work.books.keep_note(_name(number, entry), dump_versions(versions))
