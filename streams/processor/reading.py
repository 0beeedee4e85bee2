"""What a record is: which event, about whom, where it belongs, and where it first arrived."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from streams.contract.codec import Codec
from streams.contract.errors import UndecodableRecord
from streams.contract.keys import account_key, inquiry_key, partition_for
from streams.contract.topics import TopicNames, load_topics
from streams.customs.events import Envelope
from streams.customs.importer_number import InvalidImporterNumber, base_of, importer_number
from streams.customs.replacing import making
from streams.engine.api import InvalidRecord, SourceRecord
from streams.processor.decode import PARSERS
from streams.processor.headers import mark_of, origin_of
from streams.processor.parsing import Fields, Parser, entry_number_of
from streams.processor.projection import FILINGS, FilingReader, projected

ENTRY_ACCOUNT: Final = "entry_account"
ACCOUNT_MOVE: Final = "account_move"
ENTRY_MOVE: Final = "entry_move"
_EVERYWHERE: Final = "rules_version"
"""Published to every partition, under any key."""


class Reading(NamedTuple):
    """A decoded record with all that is needed to bring it to its account."""

    name: str
    fields: Fields
    cause: Envelope
    parser: Parser | None
    """None for a record that is accepted and not acted on yet."""
    key: bytes
    """The key that it has to have."""
    partition: int
    """The partition that it belongs to."""
    account: str
    """Account that it is about; empty where it names an entry alone."""
    entry_number: str
    """Entry that it is about; empty where it is about none."""
    data: bytes
    """The record as it came."""
    importer: str
    """Importer number that it names; empty where it names none."""
    number: str
    """Importer number because of which it was sent on to the account that has the number (P10)."""


_envelope: Final = making(Envelope)
_reading: Final = making(Reading)


class Reader:
    """Reads the records of the source topics."""

    __slots__ = ("_allowed", "_codec", "_filings", "_home_of", "_partitions", "_rekeyed")

    def __init__(self, codec: Codec, names: TopicNames, partitions: int) -> None:
        self._codec = codec
        self._filings = FilingReader(codec)
        self._partitions = partitions
        self._rekeyed = names.of("rekeyed-event")
        self._allowed = _allowed(names)
        self._home_of = lru_cache(maxsize=65_536)(self._home)

    def read(self, record: SourceRecord) -> Reading:
        """Return what a record is. Raises `InvalidRecord` for what can never be processed.

        Who may say something is known by the topic on which it first arrived; the internal topic carries it on.
        """
        name, fields = self._decoded(record)
        if record.topic == self._rekeyed:
            if name == ENTRY_ACCOUNT:
                return self._entry_account(record, fields)
            if name in {ACCOUNT_MOVE, ENTRY_MOVE}:
                return self._move(record, name, fields)
            origin = origin_of(record)
            if origin is None:
                raise InvalidRecord("no-origin", "a record that was sent on says where it first arrived")
            topic, partition, offset, published_ms = origin
        else:
            topic, partition, offset, published_ms, *_ = record
        if name not in self._allowed.get(topic, ()):
            raise InvalidRecord("wrong-topic", f"{name} does not belong on {topic}")
        event_id, at_ms, source = fields["event_id"], fields["event_time"], fields["source"]
        cause = _envelope((event_id, at_ms, source, topic, partition, offset, published_ms))
        return self._addressed(record, name, fields, cause)

    def _decoded(self, record: SourceRecord) -> tuple[str, Fields]:
        if record.value is None:
            raise InvalidRecord("empty", "the record has no value")
        filing = self._filings.read(record.value)
        if filing is not None:
            return filing
        try:
            name, fields = self._codec.decode(record.value)
        except UndecodableRecord as fault:
            raise InvalidRecord(fault.reason, fault.detail) from None
        return name, projected(fields) if name in FILINGS else fields

    def _addressed(self, record: SourceRecord, name: str, fields: Fields, cause: Envelope) -> Reading:
        """Return the reading with account, key and partition. Raises `InvalidRecord` for a key that is not its own."""
        about = fields.get("summary", fields)
        number = entry_number_of(about) if about.get("entry_number") else ""
        home = None
        importer = about.get("importer_of_record")
        if importer is not None:
            account, key, home = self._home_of(importer)
        elif "account_key" in fields:
            account = fields["account_key"]
            key, home = account.encode(), self.home_of(account)
        elif number and record.topic == self._rekeyed and record.key != number.encode():
            # The partition of the entry number has found the account and sent the record on under its key.
            key = record.key or b""
            account = key.decode()
        elif number:
            account, key = "", number.encode()
        else:
            key = _key_without_account(record, fields)
            account = "" if name == _EVERYWHERE else key.decode()
        sent_on = mark_of(record) if record.topic == self._rekeyed else None
        if sent_on is not None:
            account, key = sent_on.account, sent_on.account.encode()
            home = self.home_of(account)
        if record.key != key:
            raise InvalidRecord("wrong-key", f"the key is not the one that {name} has by its content")
        if home is None:
            home = record.partition if name == _EVERYWHERE else partition_for(key, self._partitions)
        parser, sent_for = PARSERS.get(name), sent_on.number if sent_on is not None else ""
        data = record.value or b""
        return _reading((name, fields, cause, parser, key, home, account, number, data, importer or "", sent_for))

    def home_of(self, account: str) -> int:
        """Return the partition of an account: all that begin with one base meet in one partition."""
        return partition_for(base_of(account).encode(), self._partitions)

    def _home(self, importer: str) -> tuple[str, bytes, int]:
        """Return account, key and partition of an importer. Raises `InvalidRecord` for a number not in normal form."""
        account = _account_of(importer)
        key = account.encode()
        return account, key, partition_for(key, self._partitions)

    def _entry_account(self, record: SourceRecord, fields: Fields) -> Reading:
        number = entry_number_of(fields)
        cause = Envelope("", 0, "", record.topic, record.partition, record.offset, record.timestamp_ms)
        key = number.encode()
        partition = partition_for(key, self._partitions)
        return Reading(ENTRY_ACCOUNT, fields, cause, None, key, partition, fields["account_key"], number, b"", "", "")

    def _move(self, record: SourceRecord, name: str, fields: Fields) -> Reading:
        account: str = fields["account_key"]
        at_ms = fields["decided_at"]
        cause = Envelope("", at_ms, "", record.topic, record.partition, record.offset, record.timestamp_ms)
        key, home = account.encode(), self.home_of(account)
        entry, number = fields.get("entry_number", ""), fields.get("importer_of_record", "")
        return Reading(name, fields, cause, None, key, home, account, entry, record.value or b"", "", number)


def _allowed(names: TopicNames) -> Mapping[str, frozenset[str]]:
    """Return the records that each source topic may carry."""
    sources = set(names.sources)
    declared = {names.of(topic.name): frozenset(topic.records) for topic in load_topics()}
    return {name: records for name, records in declared.items() if name in sources}


def _account_of(importer: str) -> str:
    """Return the account of an importer. Raises `InvalidRecord` for what is no importer's number in normal form."""
    try:
        number = importer_number(importer)
    except InvalidImporterNumber as fault:
        raise InvalidRecord("importer-number", str(fault)) from None
    if number.number != importer:
        raise InvalidRecord("importer-number", "an importer's number is in its normal form")
    return account_key(importer)


def _key_without_account(record: SourceRecord, fields: Fields) -> bytes:
    """Return the key of a record that names neither importer nor entry: an inquiry, a claim, or the rules."""
    number = fields.get("inquiry_number") or fields.get("claim_number")
    return inquiry_key(number).encode() if number else record.key or b""
