"""What a record is: which event, about whom, where it belongs, and where it first arrived."""

from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from streams.contract.codec import FRAMED_HEADER_BYTES, HEADER_BYTES, MAX_BYTES, Codec
from streams.contract.compiled import Reader as BodyReader
from streams.contract.errors import UndecodableRecord
from streams.contract.keys import account_key, inquiry_key, partition_for
from streams.contract.topics import TopicNames, load_topics
from streams.customs.events import Envelope
from streams.customs.importer_number import InvalidImporterNumber, base_of, importer_number
from streams.customs.replacing import making
from streams.engine.api import InvalidRecord, SourceRecord
from streams.processor.decode import PARSERS
from streams.processor.headers import Mark, mark_of, origin_of
from streams.processor.parsing import MOST_CHARACTERS, Fields, Parser, entry_number_of, identifier, impossible
from streams.processor.projection import FILINGS, filing_reader, projected

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


class _Kind:
    """What is known beforehand of a kind of record."""

    def __init__(self, name: str, topics: frozenset[str], codec: Codec) -> None:
        self.name = name
        self.topics = topics
        """Source topics on which it may first arrive."""
        self.parser = PARSERS.get(name)
        self._codec = codec

    @cached_property
    def body_reader(self) -> BodyReader:
        """Reads the newest version, in what the rules need; made on first use."""
        return filing_reader(self.name) if self.name in FILINGS else self._codec.reader(self.name)


class Reader:
    """Reads the records of the source topics."""

    __slots__ = ("_by_header", "_codec", "_home_of", "_kinds", "_partitions", "_rekeyed")

    def __init__(self, codec: Codec, names: TopicNames, partitions: int) -> None:
        self._codec = codec
        self._partitions = partitions
        self._rekeyed = names.of("rekeyed-event")
        self._kinds = _kinds(codec, names)
        self._by_header = {header: self._kinds[name] for name in codec.names for header in codec.headers(name)}
        self._home_of = lru_cache(maxsize=65_536)(self._home)

    def read(self, record: SourceRecord) -> Reading:
        """Return what a record is. Raises `InvalidRecord` for what can never be processed.

        Who may say something is known by the topic on which it first arrived; the internal topic carries it on.
        """
        if record.value is None:
            raise InvalidRecord("empty", "the record has no value")
        kind, fields = self._decoded(record.value)
        if record.topic == self._rekeyed:
            return self._sent_on(record, kind, fields)
        return self._addressed(record, kind, fields, record[:4], None)

    def _decoded(self, data: bytes) -> tuple[_Kind, Fields]:
        """Return kind and fields of a record. Nearly all are newest versions, whose readers their headers name."""
        kind, begin = self._by_header.get(data[:HEADER_BYTES]), HEADER_BYTES
        if kind is None:
            kind, begin = self._by_header.get(data[:FRAMED_HEADER_BYTES]), FRAMED_HEADER_BYTES
        if kind is not None and len(data) <= MAX_BYTES:
            try:
                fields, end = kind.body_reader(data, data.decode("latin-1"), begin)
                if end == len(data):
                    return kind, fields
            except (ValueError, IndexError):
                pass  # The codec takes more than the reader of filings does, and says what is wrong.
        try:
            name, fields = self._codec.decode(data)
        except UndecodableRecord as fault:
            raise InvalidRecord(fault.reason, fault.detail) from None
        return self._kinds[name], projected(fields) if name in FILINGS else fields

    def _sent_on(self, record: SourceRecord, kind: _Kind, fields: Fields) -> Reading:
        """Return what a record of the internal topic is."""
        name = kind.name
        if name == ENTRY_ACCOUNT:
            return self._entry_account(record, fields)
        if name in {ACCOUNT_MOVE, ENTRY_MOVE}:
            return self._move(record, name, fields)
        return self._addressed(record, kind, fields, origin_of(record), mark_of(record))

    def _addressed(
        self, record: SourceRecord, kind: _Kind, fields: Fields, origin: tuple[str, int, int, int], mark: Mark | None
    ) -> Reading:
        """Return the reading with account, key and partition. Raises `InvalidRecord` for a key that is not its own."""
        name = kind.name
        if origin[0] not in kind.topics:
            raise InvalidRecord("wrong-topic", f"{name} does not belong on {origin[0]}")
        if len(fields["event_id"]) > MOST_CHARACTERS or len(fields["source"]) > MOST_CHARACTERS:
            impossible(f"id and source of an event have at most {MOST_CHARACTERS} characters")
        cause = _envelope((fields["event_id"], fields["event_time"], fields["source"], *origin))
        about = fields.get("summary", fields)
        number = entry_number_of(about) if about.get("entry_number") else ""
        importer = about.get("importer_of_record")
        if importer is not None:
            account, key, home = self._home_of(importer)
        else:
            account, key, home = self._home_without_importer(record, name, fields, number)
        sent_for = ""
        if mark is not None:
            account, key, home = mark.account, mark.account.encode(), self.home_of(mark.account)
            sent_for = mark.number
        if record.key != key:
            raise InvalidRecord("wrong-key", f"the key is not the one that {name} has by its content")
        data = record.value or b""
        return _reading((name, fields, cause, kind.parser, key, home, account, number, data, importer or "", sent_for))

    def _home_without_importer(
        self, record: SourceRecord, name: str, fields: Fields, number: str
    ) -> tuple[str, bytes, int]:
        """Return account, key and partition of a record that names no importer."""
        if name == _EVERYWHERE:
            return "", record.key or b"", record.partition
        if "account_key" in fields:
            account = identifier(fields["account_key"])
            return account, account.encode(), self.home_of(account)
        account, key = "", number.encode()
        if not number:
            account = _account_of_nobody(name, fields)
            key = account.encode()
        elif record.topic == self._rekeyed and record.key != key:
            # The partition of the entry number has found the account and sent the record on under its key.
            account = _text_of(record.key)
            key = account.encode()
        return account, key, partition_for(key, self._partitions)

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


def _kinds(codec: Codec, names: TopicNames) -> dict[str, _Kind]:
    """Return what is known of all records of the contract."""
    sources = [topic for topic in load_topics() if names.of(topic.name) in set(names.sources)]
    topics_of = {name: [names.of(topic.name) for topic in sources if name in topic.records] for name in codec.names}
    return {name: _Kind(name, frozenset(topics), codec) for name, topics in topics_of.items()}


def _account_of(importer: str) -> str:
    """Return the account of an importer. Raises `InvalidRecord` for what is no importer's number in normal form."""
    try:
        number = importer_number(importer)
    except InvalidImporterNumber as fault:
        raise InvalidRecord("importer-number", str(fault)) from None
    if number.number != importer:
        raise InvalidRecord("importer-number", "an importer's number is in its normal form")
    return account_key(importer)


def _account_of_nobody(name: str, fields: Fields) -> str:
    """Return the account of an inquiry or claim that names neither importer nor entry.

    Raises `InvalidRecord` for a record that does not even have a number: its key could be anybody's.
    """
    number = fields.get("inquiry_number") or fields.get("claim_number")
    if not number:
        impossible(f"{name} names neither an importer nor an entry, and has no number")
    return inquiry_key(identifier(number))


def _text_of(key: bytes | None) -> str:
    """Return a key as text. Raises `InvalidRecord` for one that no account has."""
    try:
        return (key or b"").decode()
    except UnicodeDecodeError:
        raise InvalidRecord("wrong-key", "the key is not text") from None
