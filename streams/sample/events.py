"""From a moment of a summary's life to the record that a port, CBP or headquarters publishes.

Dates are days since 1970-01-01 and instants milliseconds, as the codec takes and gives them.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from streams.contract.keys import inquiry_key
from streams.customs.centers import center_by_id
from streams.sample.days import EPOCH_DAY, day_of
from streams.sample.draws import mix
from streams.sample.importers import Importer, Importers
from streams.sample.lifecycle import LifeCycle, Stage, Version
from streams.sample.parameters import SampleParameters
from streams.sample.plans import Plan
from streams.sample.pricing import Fields
from streams.sample.protests import Protests
from streams.sample.schedule import Due
from streams.sample.summaries import Summaries

HEADQUARTERS: Final = "headquarters"
MANUAL: Final = "1"
AUTOMATIC: Final = "2"
PORT_NOTICES: Final = ("release",) * 4 + ("examination",) * 2 + ("sampling", "seizure")
DOCUMENTS: Final[Mapping[int, tuple[str, ...]]] = {1: (), 2: (), 3: ("Packing list", "Mill certificate")}
ISSUES: Final = ("classification", "value", "origin", "preference")
BASES: Final = (
    ("business_practice", "The firm trades and is organised within another industry than its goods suggest."),
    ("intended_use", "Most of its goods are parts for products of another industry."),
    ("high_relative_value", "Goods of another industry hold most of the value that it imports."),
)
ANTIDUMPING, COUNTERVAILING, BOTH = "44", "43", "45"
EXTENSION_DAYS: Final = 365


class SampleEvent(NamedTuple):
    """One record as its publisher would send it.

    `fields` are what the codec encodes. `raw` replaces them where a record is wrong on purpose and cannot be
    encoded. `fault` names what is wrong, and is empty for all others. `order` is unique among all events and
    breaks ties of `published_ms`, so that parts merge into the whole by (published_ms, order).
    """

    name: str
    fields: Fields
    key: bytes
    published_ms: int
    order: int
    fault: str = ""
    raw: bytes | None = None


class Told(NamedTuple):
    """What a record says: its name, who tells it, and its own fields; `key` where it is not the importer's."""

    name: str
    source: str
    fields: Fields
    key: str = ""


class Events:
    """Makes the record of each moment when it is published."""

    def __init__(self, parameters: SampleParameters, importers: Importers, life: LifeCycle, protests: Protests) -> None:
        self._life = life
        self._importers = importers
        self._protests = protests
        self.summaries = Summaries(parameters, life)
        self._makers: Mapping[int, Callable[[Due, Importer], Told]] = {
            Stage.FILED: self._filed,
            Stage.ACCEPTED: self._accepted,
            Stage.DATE_SET: self._date_set,
            Stage.PORT_NOTICE: self._port_notice,
            Stage.REPLACED: self._replaced,
            Stage.DELETED: self._deleted,
            Stage.PAID: self._paid,
            Stage.CONTROL: self._control,
            Stage.SCHEDULED: self._scheduled,
            Stage.SUSPENDED: self._suspended,
            Stage.DOCUMENTS: self._documents,
            Stage.REJECTED: self._rejected,
            Stage.REJECTION_NOTICE: self._rejection_notice,
            Stage.REPLACED_AFTER_REJECTION: self._replaced,
            Stage.CORRECTED: self._corrected,
            Stage.REQUEST: self._notice,
            Stage.NOTICE: self._notice,
            Stage.ANSWERED: self._answered,
            Stage.INQUIRY: self._inquiry,
            Stage.CANCELLED: self._cancelled,
            Stage.CANCELLATION_NOTICE: self._ending_notice,
            Stage.INACTIVATED: self._inactivated,
            Stage.INACTIVATION_NOTICE: self._ending_notice,
            Stage.EXTENDED: self._extended,
            Stage.LIQUIDATED: self._liquidated,
            Stage.PROTESTED: self._protested,
            Stage.PLACED: self._placed,
            Stage.NOT_ELIGIBLE: self._not_eligible,
        }

    def event(self, due: Due) -> SampleEvent:
        """Return the record of a moment that is due."""
        plan = due.plan
        importer = self._importers.profile(plan.rank)
        name, source, own, key = self._makers[due.stage](due, importer)
        fields: Fields = {"event_id": event_id(plan, due.stage), "event_time": due.at_ms, "source": source, **own}
        return SampleEvent(name, fields, key.encode() if key else importer.key, due.published_ms, due.order)

    def told_of(self, due: Due, importer: Importer) -> tuple[str, Fields]:
        """Return the port of entry, and the two fields by which nearly every record names its entry."""
        number = self.summaries.number(due.plan, importer)
        named: Fields = {
            "entry_number": number,
            "importer_of_record": self.summaries.importer_number(due.plan, importer),
        }
        return self.summaries.port(due.plan, importer).code, named

    # --- filings --------------------------------------------------------------------------------------------

    def _filed(self, due: Due, importer: Importer) -> Told:
        port, fields = self.told_of(due, importer)
        fields["port_of_entry"] = port
        fields["entry_type"] = self._life.entry_type(due.plan)
        fields["filed_at"] = due.at_ms
        fields["time_of_entry"] = due.at_ms
        return Told("entry_filed", port, fields)

    def _accepted(self, due: Due, importer: Importer) -> Told:
        return self._version("entry_summary_accepted", due, importer, Version.FIRST, dated=not due.detail)

    def _replaced(self, due: Due, importer: Importer) -> Told:
        # Under the filer's control the detail says whether the entry date is still open, later the version.
        if due.stage == Stage.REPLACED:
            return self._version("entry_summary_replaced", due, importer, Version.REPLACED, dated=not due.detail)
        return self._version("entry_summary_replaced", due, importer, due.detail, dated=True)

    def _corrected(self, due: Due, importer: Importer) -> Told:
        return self._version("psc_accepted", due, importer, due.detail, dated=True)

    def _version(self, name: str, due: Due, importer: Importer, versions: int, *, dated: bool) -> Told:
        summary = self.summaries.summary(due.plan, importer, due.at_ms, versions, dated=dated)
        return Told(name, self.summaries.port(due.plan, importer).code, {"summary": summary})

    def _deleted(self, due: Due, importer: Importer) -> Told:
        number = self.summaries.number(due.plan, importer)
        fields: Fields = {
            "entry_number": number,
            "deleted_at": due.at_ms,
            "filer_code": number[:3],
            "port_of_entry": self.summaries.port(due.plan, importer).code,
        }
        return Told("entry_summary_deleted", f"filer:{number[:3]}", fields, key=number)

    # --- what CBP does --------------------------------------------------------------------------------------

    def _date_set(self, due: Due, importer: Importer) -> Told:
        port, fields = self.told_of(due, importer)
        fields["entry_date"] = due.plan.day - EPOCH_DAY
        fields["basis"] = "release"
        return Told("entry_date_set", port, fields)

    def _paid(self, due: Due, importer: Importer) -> Told:
        port, fields = self.told_of(due, importer)
        fields["paid_on"] = day_of(due.at_ms) - EPOCH_DAY
        return Told("entry_summary_paid", port, fields)

    def _control(self, due: Due, importer: Importer) -> Told:
        port, fields = self.told_of(due, importer)
        fields["control"] = "cbp"
        return Told("entry_summary_control_changed", port, fields)

    def _scheduled(self, due: Due, importer: Importer) -> Told:
        port, fields = self.told_of(due, importer)
        fields["liquidation_date"] = self._life.liquidation_day(due.plan.day) - EPOCH_DAY
        return Told("liquidation_scheduled", port, fields)

    def _suspended(self, due: Due, importer: Importer) -> Told:
        port, fields = self.told_of(due, importer)
        fields["code"] = BOTH if self.summaries.is_countervailing(due.plan) else ANTIDUMPING
        fields["suspended_on"] = day_of(due.at_ms) - EPOCH_DAY
        return Told("liquidation_suspended", port, fields)

    def _extended(self, due: Due, importer: Importer) -> Told:
        port, fields = self.told_of(due, importer)
        scheduled = self._life.liquidation_day(due.plan.day) - EPOCH_DAY
        fields |= {
            "code": "49",
            "extended_on": day_of(due.at_ms) - EPOCH_DAY,
            "extended_until": scheduled + EXTENSION_DAYS,
            "reason": "Information is missing that CBP has asked for.",
        }
        return Told("liquidation_extended", port, fields)

    def _liquidated(self, due: Due, importer: Importer) -> Told:
        port, fields = self.told_of(due, importer)
        totals = self.summaries.totals(due.plan, importer, due.detail)
        fields |= {
            "liquidated_on": day_of(due.at_ms) - EPOCH_DAY,
            "duty_cents": totals["duty_cents"],
            "fee_cents": totals["fee_cents"],
            "difference_cents": 0,
        }
        return Told("entry_liquidated", port, fields)

    def _rejected(self, due: Due, importer: Importer) -> Told:
        port, fields = self.told_of(due, importer)
        fields["rejected_on"] = day_of(due.at_ms) - EPOCH_DAY
        fields["reason"] = REJECTION_REASONS[due.plan.seed % len(REJECTION_REASONS)]
        return Told("entry_summary_rejected", port, fields)

    def _cancelled(self, due: Due, importer: Importer) -> Told:
        port, fields = self.told_of(due, importer)
        fields["cancelled_on"] = day_of(due.at_ms) - EPOCH_DAY
        return Told("entry_summary_cancelled", port, fields)

    def _inactivated(self, due: Due, importer: Importer) -> Told:
        port, fields = self.told_of(due, importer)
        fields["inactivated_on"] = day_of(due.at_ms) - EPOCH_DAY
        return Told("entry_summary_inactivated", port, fields)

    # --- notices --------------------------------------------------------------------------------------------

    def _documents(self, due: Due, importer: Importer) -> Told:
        return self._status(due, importer, str(due.detail), MANUAL, DOCUMENTS[due.detail])

    def _rejection_notice(self, due: Due, importer: Importer) -> Told:
        return self._status(due, importer, "4", MANUAL)

    def _ending_notice(self, due: Due, importer: Importer) -> Told:
        return self._status(due, importer, "6" if due.stage == Stage.CANCELLATION_NOTICE else "5", AUTOMATIC)

    def _status(self, due: Due, importer: Importer, disposition: str, by: str, documents: tuple[str, ...] = ()) -> Told:
        """Return a status notification: keyed by the entry number, for it names no importer."""
        number = self.summaries.number(due.plan, importer)
        team = center_by_id(importer.centers[0]).team_digit
        fields: Fields = {
            "entry_number": number,
            "disposition": disposition,
            "disposition_source": by,
            "action_on": day_of(due.at_ms) - EPOCH_DAY,
            "team_number": f"{due.plan.seed % 10}{due.plan.seed // 10 % 10}{team}",
            "documents": list(documents),
        }
        return Told("status_notification", self.summaries.port(due.plan, importer).code, fields, key=number)

    def _notice(self, due: Due, importer: Importer) -> Told:
        port, fields = self.told_of(due, importer)
        day = day_of(due.at_ms) - EPOCH_DAY
        fields |= {
            "notice_id": _notice_id(due.plan),
            "kind": _form(due.plan, due.stage),
            "issued_on": day,
            "mailed_on": day,
            "port": port,
            "issue": ISSUES[mix(due.plan.seed, 40) & 3],
            "heading": importer.products[0].htsus[:4],
            "line_ids": ["001"],
        }
        return Told("notice_issued", port, fields)

    def _answered(self, due: Due, importer: Importer) -> Told:
        port, fields = self.told_of(due, importer)
        fields |= {
            "notice_id": _notice_id(due.plan),
            "kind": _form(due.plan, due.detail),
            "answered_on": day_of(due.at_ms) - EPOCH_DAY,
        }
        return Told("party_answered", port, fields)

    def _port_notice(self, due: Due, importer: Importer) -> Told:
        port, fields = self.told_of(due, importer)
        fields |= {"kind": PORT_NOTICES[due.detail], "port": port, "noticed_on": day_of(due.at_ms) - EPOCH_DAY}
        return Told("port_notice", port, fields)

    # --- filings of trade, headquarters ---------------------------------------------------------------------

    def _inquiry(self, due: Due, importer: Importer) -> Told:
        port, named = self.told_of(due, importer)
        number = f"Q{due.plan.ordinal:09d}"
        unknown = mix(due.plan.seed, 41) % 5 == 0
        fields: Fields = {
            "inquiry_number": number,
            "importer_of_record": None if unknown else named["importer_of_record"],
            "received_on": day_of(due.at_ms) - EPOCH_DAY,
            "subject": "Classification of goods that are to be imported",
            "htsus": importer.products[0].htsus,
            "port": port,
        }
        return Told("inquiry_received", port, fields, key=inquiry_key(number) if unknown else "")

    def _protested(self, due: Due, importer: Importer) -> Told:
        contested = self._protests.entries_of(due.plan, due.at_ms)
        port, named = self.told_of(due, importer)
        fields: Fields = {
            "importer_of_record": named["importer_of_record"],
            "protest_number": f"{port}{due.plan.ordinal % 100_000_000:08d}",
            "protest_type": "1",
            "protestant": named["importer_of_record"],
            "protestant_role": "importer",
            "filed_on": day_of(due.at_ms) - EPOCH_DAY,
            "against": "liquidation",
            "issue": ISSUES[mix(due.plan.seed, 42) & 3],
            "category": importer.products[0].htsus[:4],
            "accelerated": mix(due.plan.seed, 43) % 20 == 0,
            "further_review": mix(due.plan.seed, 44) % 10 == 0,
            "entries": [
                {
                    "entry_number": self.summaries.number(entry.plan, importer),
                    "port_of_entry": self.summaries.port(entry.plan, importer).code,
                    "entry_date": entry.plan.day - EPOCH_DAY,
                    "liquidation_date": day_of(entry.liquidated_ms) - EPOCH_DAY,
                }
                for entry in contested
            ],
        }
        return Told("protest_filed", port, fields)

    def _placed(self, due: Due, importer: Importer) -> Told:
        basis, reason = BASES[due.plan.seed % len(BASES)]
        fields: Fields = {
            "importer_of_record": importer.numbers[0],
            "center": center_by_id(importer.centers[-1]).slug,
            "basis": basis,
            "reason": reason,
            "effective_on": day_of(due.at_ms) - EPOCH_DAY,
        }
        return Told("placement_set", HEADQUARTERS, fields)

    def _not_eligible(self, due: Due, importer: Importer) -> Told:
        fields: Fields = {
            "importer_of_record": importer.numbers[0],
            "eligible": False,
            "changed_on": day_of(due.at_ms) - EPOCH_DAY,
        }
        return Told("importer_profile_changed", HEADQUARTERS, fields)


REJECTION_REASONS: Final = ("classification", "value", "documents missing")


def event_id(plan: Plan, stage: int) -> str:
    """Return the id of an event, a UUID of version 8: random bits of its summary, then its place in the sample.

    Unique by the last twelve digits alone, and the same whenever it is made.
    """
    bits = f"{plan.seed:016x}"
    return f"{bits[:8]}-{bits[8:12]}-8{bits[13:]}-a{stage:03x}-{plan.ordinal:012x}"


def _notice_id(plan: Plan) -> str:
    """Return the identifier of a notice about a summary."""
    return f"N{plan.ordinal:09d}"


def _form(plan: Plan, stage: int) -> str:
    """Return the kind of a notice: a request, or an action that is proposed or taken."""
    if stage == Stage.REQUEST:
        return "form_28"
    return "form_29_taken" if mix(plan.seed, 45) & 1 else "form_29_proposed"
