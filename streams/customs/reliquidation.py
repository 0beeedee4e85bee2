"""Taking a liquidation or reliquidation with what it says beyond its day: on what ground, which issues, how much."""

from typing import Final

from streams.customs.account_work import AccountWork
from streams.customs.events import EntryLiquidated, EntryNoted
from streams.customs.facts import note
from streams.customs.facts_known import Fact, with_fact
from streams.customs.life_cycle import Kind
from streams.customs.liquidation import FactNoted, with_known
from streams.customs.matter_clerk import Brief, MatterClerk
from streams.customs.matters import running
from streams.customs.notice_cases import money_reference, taken_in
from streams.customs.notice_periods import BILL, REFUND
from streams.customs.outcomes import Ignored, Refused, Waits
from streams.customs.work import Action
from streams.customs.work_types import BILL_ISSUED, REFUND_DUE

_NOT_NOTED: Final = (Ignored, Refused, Waits)


def liquidate(work: AccountWork, event: EntryLiquidated) -> None:
    """Note the liquidation; open the case of a voluntary reliquidation, and of money that is due either way."""
    number = event.entry_number
    note(work, EntryNoted(event.cause, event.kind, number, event.day))
    if work.out and isinstance(work.out[0], _NOT_NOTED):
        return
    if event.kind is Kind.RELIQUIDATED:
        work.books.keep_note(f"reliquidated/{number}", ",".join(event.issues))
        if event.ground == "voluntary":
            _keep_voluntary(work, event)
    if event.difference_cents:
        _settle_money(work, event)


def _keep_voluntary(work: AccountWork, event: EntryLiquidated) -> None:
    entry = work.books.entry(event.entry_number)
    assert entry is not None, "a noted liquidation has its entry on file"
    facts = with_fact(entry.facts, Fact.RELIQUIDATED_VOLUNTARILY, event.day, event.cause.at_ms)
    known = FactNoted(event.cause, Fact.RELIQUIDATED_VOLUNTARILY, event.entry_number, event.day, event.kind)
    work.books.keep_entry(event.entry_number, with_known(work, event.entry_number, entry._replace(facts=facts), known))


def _settle_money(work: AccountWork, event: EntryLiquidated) -> None:
    """Open the case of a bill or of a refund; a later notice of it joins the case."""
    raises = event.difference_cents > 0
    work_type, period = (BILL_ISSUED, BILL) if raises else (REFUND_DUE, REFUND)
    entry = work.books.entry(event.entry_number)
    assert entry is not None, "a noted liquidation has its entry on file"
    reference = money_reference(event.entry_number, entry.generation)
    clerk, rule = MatterClerk(work), f"{event.kind}/{'raised' if raises else 'lowered'}"
    found = clerk.find(work_type, reference, entry.importer)
    clocks = (running(period, event.day),)
    importers = (entry.importer,) if entry.importer else ()
    about = ((event.entry_number, entry.generation),)
    brief = Brief(reference, importers, entry.ports[:1], about, clocks=clocks)
    if found is not None:
        clerk.tell(found[0], taken_in(found[1], brief), Action.UPDATED, rule)
        return
    clerk.open(work_type, brief, rule)
