"""From what the rules answer to records on topics."""

from collections.abc import Mapping
from typing import Any, Final

from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.topics import TopicNames
from streams.customs.cases import ELSEWHERE, INELIGIBLE, PENDING
from streams.customs.outcomes import (
    Answered,
    AppealNoted,
    CaseMoved,
    CaseStands,
    MatterItem,
    MatterStands,
    Outcome,
    Placed,
    Resulted,
    SnapshotDue,
    WorkItem,
)
from streams.customs.placement import Standing
from streams.customs.rules import Rule
from streams.customs.work import Action, Role
from streams.engine.api import Headers, Outbox, SourceRecord
from streams.processor.encode_case import CaseEncoder
from streams.processor.encode_placement import appeal_fields, change_fields, placement_fields
from streams.processor.encode_snapshot import SnapshotEncoder
from streams.processor.encode_work import SLUGS, WorkEncoder
from streams.processor.headers import Mark, Origin, marked, origin_headers, sent_back
from streams.processor.occasion import Occasion
from streams.processor.reading import ACCOUNT_MOVE, ENTRY_ACCOUNT, ENTRY_MOVE, Reading

_BESIDE_CENTERS: Final = {PENDING: "pending", INELIGIBLE: "ineligible", ELSEWHERE: "elsewhere"}
_PORT_LENGTH: Final = 4
_LEAVES: Final = frozenset({Action.CLOSED, Action.TRANSFERRED_OUT})


class Publisher:
    """Encodes outcomes and sends them; the records of one account all have its key."""

    def __init__(self, codec: Codec, names: TopicNames, partitions: int) -> None:
        self._encode = codec.encode
        self._partitions = partitions
        self._work = WorkEncoder(codec)
        self._snapshots = SnapshotEncoder(codec, self._work)
        self._desks = {number: names.center_work(slug) for number, slug in SLUGS.items()}
        self._desks |= {desk: names.of(f"center-work-{name}") for desk, name in _BESIDE_CENTERS.items()}
        self._placement = names.of("importer-placement")
        self._change = names.of("placement-change")
        self._refusal = names.of("event-refusal")
        self._rekeyed = names.of("rekeyed-event")
        self._response = names.of("importer-response")
        self._cases = {number: names.center_case(slug) for number, slug in SLUGS.items()}
        self._matters = CaseEncoder(codec.encode)

    def work(self, out: Outbox, item: WorkItem, occasion: Occasion, standing: Standing | None) -> None:
        """Publish a piece of work on the topic of its desk, and its case as it stands where a Center has it."""
        out.send(self._desks[item.desk], occasion.key, self._work.encode(item, occasion, standing))
        if item.role is Role.OWNER:
            self.case(out, item, occasion, standing)

    def case(self, out: Outbox, item: WorkItem, occasion: Occasion, standing: Standing | None) -> None:
        """Publish a case as it stands in the list of its Center; one that is closed or handed over leaves the list."""
        cases = self._cases.get(item.desk)
        if cases is not None:
            gone = item.action in _LEAVES
            value = None if gone else self._work.open_case(item, occasion, standing)
            out.send(cases, item.case_id.encode(), value)

    def matter(self, out: Outbox, item: MatterItem, occasion: Occasion, standing: Standing | None) -> None:
        """Publish a piece of work about a matter on the topic of a desk, and the matter as it stands."""
        out.send(self._desks[item.desk], occasion.key, self._matters.work(item, occasion, standing))
        if item.role is Role.OWNER:
            self.matter_case(out, item, occasion, standing)

    def matter_case(self, out: Outbox, item: MatterItem, occasion: Occasion, standing: Standing | None) -> None:
        """Publish a matter as it stands in the list of its Center."""
        cases = self._cases.get(item.desk)
        if cases is not None:
            gone = item.action in _LEAVES
            value = None if gone else self._matters.open_case(item, occasion, standing)
            out.send(cases, item.case_id.encode(), value)

    def other(self, out: Outbox, answer: Outcome, occasion: Occasion, standing: Standing | None) -> None:
        """Publish what is rarer than work: answers, cases that changed without a piece of work, appeals."""
        match answer:
            case Answered() | Resulted():
                self.answered(out, answer, occasion)
            case CaseStands(case_id, case, entry, rule):
                number = case.entry_number
                item = WorkItem(case.desk, Action.UPDATED, case_id, case, number, entry, Role.OWNER, "", rule)
                self.case(out, item, occasion, standing)
            case MatterStands(item):
                self.matter_case(out, item, occasion, standing)
            case AppealNoted():
                self.appeal(out, answer, occasion)
            case _:
                msg = f"nothing is published of {type(answer).__name__}"
                raise AssertionError(msg)

    def answered(self, out: Outbox, answer: Answered | Resulted, occasion: Occasion) -> None:
        """Publish the answer about a case, or what it means for one entry."""
        if isinstance(answer, Answered):
            value = self._matters.response(answer, occasion)
        else:
            value = self._matters.result(answer, occasion)
        out.send(self._response, occasion.key, value)

    def moved(self, out: Outbox, moved: CaseMoved, decision: str, occasion: Occasion) -> None:
        """Tell a Center that another desk has the case on which it has decided."""
        out.send(self._refusal, occasion.key, self._matters.moved(moved, decision, occasion))

    def snapshot(self, out: Outbox, snapshot: SnapshotDue, occasion: Occasion) -> None:
        """Publish a summary on the topic of a desk, its bytes as they came."""
        out.send(self._desks[snapshot.desk], occasion.key, self._snapshots.encode(snapshot, occasion))

    def placed(self, out: Outbox, placed: Placed, occasion: Occasion) -> None:
        """Publish where an importer is now, and what has changed."""
        key = occasion.key
        placement = placement_fields(placed, occasion.account, occasion.cause_fields())
        out.send(self._placement, key, self._encode("importer_placement", placement))
        decision = placed.decision
        change_id = occasion.name_of_next(f"{occasion.account}/{decision.day}/{decision.kind}")
        out.send(self._change, key, self._encode("placement_change", change_fields(placed, placement, change_id)))

    def appeal(self, out: Outbox, noted: AppealNoted, occasion: Occasion) -> None:
        """Publish how far an appeal has come, beside the changes of the placement that it is about."""
        status_id = occasion.name_of(f"appeal/{occasion.account}/{noted.number}")
        fields = appeal_fields(noted, occasion.account, status_id, occasion.cause_fields())
        out.send(self._change, occasion.key, self._encode("appeal_status", fields))

    def refused(self, out: Outbox, rule: Rule, reading: Reading, occasion: Occasion, *, ignored: bool = False) -> None:
        """Tell the port which rule an event breaks, or by which it was only ignored."""
        fields = {
            "refusal_id": occasion.name_of(f"refusal/{rule.name}"),
            "event_id": reading.cause.event_id,
            "event_type": reading.name,
            "source": reading.cause.source,
            "port": _port_of(reading),
            "entry_number": reading.entry_number or None,
            "account_key": reading.account or None,
            "ignored": ignored,
            "rule": rule.name,
            "sentence": rule.sentence,
            "rule_source": rule.source,
            "remedy": rule.remedy,
            "caused_by": occasion.cause_fields(),
        }
        out.send(self._refusal, reading.key, self._encode("event_refusal", fields))

    def entry_account(self, out: Outbox, told: Mapping[str, Any], partition: int) -> None:
        """Tell the partition of an entry number which account has the entry."""
        number: str = told["entry_number"]
        out.send(self._rekeyed, number.encode(), self._encode(ENTRY_ACCOUNT, told), partition=partition)

    def entry_move(self, out: Outbox, move: Mapping[str, Any], partition: int) -> None:
        """Ask the partition of an account for a step of an entry's way to another account."""
        key: str = move["account_key"]
        out.send(self._rekeyed, key.encode(), self._encode(ENTRY_MOVE, move), partition=partition)

    def send_on(self, out: Outbox, record: SourceRecord, reading: Reading, key: bytes, partition: int) -> None:
        """Send a record on, as it came, to the partition that it belongs to."""
        out.send(self._rekeyed, key, record.value, headers=self._with_origin(record, reading), partition=partition)

    def send_on_to(self, out: Outbox, record: SourceRecord, reading: Reading, mark: Mark, partition: int) -> None:
        """Send a record on, as it came, to the account that has its importer number."""
        headers = marked(self._with_origin(record, reading), mark)
        out.send(self._rekeyed, mark.account.encode(), record.value, headers=headers, partition=partition)

    def send_back(self, out: Outbox, record: SourceRecord, reading: Reading, key: bytes) -> None:
        """Send a record back to the partition of the entry number that it names, its key from now on."""
        headers = sent_back(self._with_origin(record, reading))
        out.send(self._rekeyed, key, record.value, headers=headers, partition=partition_for(key, self._partitions))

    def as_sent_on(self, record: SourceRecord, reading: Reading, mark: Mark, partition: int) -> SourceRecord:
        """Return a record as it would arrive in another partition to which it is sent on."""
        headers = marked(self._with_origin(record, reading), mark)
        key = mark.account.encode()
        return record._replace(topic=self._rekeyed, partition=partition, key=key, headers=headers)

    def account_move(self, out: Outbox, move: Mapping[str, Any], partition: int) -> None:
        """Ask the partition of an account for a step of an importer number's move (P10)."""
        key: str = move["account_key"]
        out.send(self._rekeyed, key.encode(), self._encode(ACCOUNT_MOVE, move), partition=partition)

    def account_move_record(self, move: Mapping[str, Any], partition: int, now_ms: int) -> SourceRecord:
        """Return a step as a record that nobody has to send, as it is taken where it is asked for."""
        key: str = move["account_key"]
        value = self._encode(ACCOUNT_MOVE, move)
        return SourceRecord(self._rekeyed, partition, -1, now_ms, key.encode(), value)

    def _with_origin(self, record: SourceRecord, reading: Reading) -> Headers:
        if record.topic == self._rekeyed:
            return record.headers
        cause = reading.cause
        return record.headers + origin_headers(Origin(cause.topic, cause.partition, cause.offset, cause.published_ms))


def _port_of(reading: Reading) -> str | None:
    """Return the port that should hear of a refusal: the one that told the event, else the port of entry."""
    source = reading.cause.source
    if len(source) == _PORT_LENGTH and source.isdigit():
        return source
    about = reading.fields.get("summary", reading.fields)
    port: str | None = about.get("port_of_entry") or about.get("port")
    return port if port and len(port) == _PORT_LENGTH else None
