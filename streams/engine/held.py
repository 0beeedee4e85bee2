"""Accounts that are held: the processor fails at one of their records, so that one and all later ones wait.

Each waiting record goes to the dead letters at its place (reason `held`), and the state remembers where its source
has it; every other account goes on. Once the processor is mended, a person asks to release the account: its records
are processed from their sources in their order, in transactions of their own and before anything newer of it, so that
the end is the same as if it had never been held. An account is a record key. The keys of the state, all in the
changelog, so that the next owner knows them too:

`m/held/<key>`            the record to blame, and which numbers wait
`m/wait/<key>/<number>`   where one waiting record is
`m/release/<key>`         the wish to release, written with the partition's own transactional id

A wish is answered in the changelog too: it is removed last, after `m/held/<key>` was removed (all is released) or
written once more (it stays held); with neither, the key was not held.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from streams.engine.api import InvalidRecord, SourceRecord
from streams.engine.state import after_prefix
from streams.engine.world import Change, Store

_HELD: Final = b"m/held/"
_WAIT: Final = b"m/wait/"
RELEASE_PREFIX: Final = b"m/release/"

LONGEST_KEY: Final = 1024
"""Bytes of a key that can be kept in the keys of the state; with more, it is no account's."""

KEY_PREFIXES: Final = (_HELD, _WAIT, RELEASE_PREFIX)
"""What these keys of the state begin with; the processor's own may not."""


class HeldBack(InvalidRecord):
    """The record is fine, as far as anybody knows, and waits for one of the same key before it."""


class Blamed(NamedTuple):
    """The record at which the processor fails, and with what."""

    key: bytes
    topic: str
    offset: int
    cause: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a key is held; its waiting records have the numbers from `first` (inclusive) to `stop` (exclusive)."""

    blamed: Blamed
    first: int = 0
    stop: int = 0

    @property
    def detail(self) -> str:
        """One sentence for a person, without the key."""
        _, topic, offset, cause = self.blamed
        return f"waits with its account: the processor failed at {topic} offset {offset} with {cause}"


class Holds:
    """The held keys of a partition, as of the batch being decided.

    Changes gather until `taken`; a life whose transaction failed reads everything anew.
    """

    def __init__(self, by_key: Mapping[bytes, Hold], wishes: tuple[bytes, ...]) -> None:
        self.by_key = dict(by_key)
        self.wishes = wishes
        """Keys that a person asked to release, in byte order."""
        self.releasing: bytes | None = None
        """The key whose waiting records are being processed."""
        self._changes: dict[bytes, bytes | None] = {}

    @classmethod
    def read(cls, store: Store) -> "Holds":
        """Read what the state knows."""
        by_key = {key: _decode(key, data) for key, data in _under(store, _HELD)}
        return cls(by_key, tuple(key for key, _ in _under(store, RELEASE_PREFIX)))

    def holds(self, key: bytes | None) -> bool:
        """Whether a record with this key must wait."""
        return key is not None and key in self.by_key and key != self.releasing

    def wait(self, record: SourceRecord) -> HeldBack:
        """Note one more waiting record; return why it waits."""
        assert record.key is not None
        held = self.by_key[record.key]
        self._changes[_place_key(record.key, held.stop)] = json.dumps([record.topic, record.offset]).encode()
        self._set(Hold(held.blamed, held.first, held.stop + 1))
        return HeldBack("held", held.detail)

    def hold(self, blamed: Blamed) -> None:
        """Hold a key from now on; where its release has just failed, it stays held and the wish is gone."""
        held = self.by_key.get(blamed.key)
        if held is None:
            self._set(Hold(blamed))
        else:
            self._set(Hold(blamed, held.first, held.stop))
            self.refuse(blamed.key)

    def keep(self, key: bytes) -> None:
        """Leave a key held, and say so to those who asked to release it."""
        self._set(self.by_key[key])
        self.refuse(key)

    def refuse(self, key: bytes) -> None:
        """Drop the wish to release a key."""
        self.wishes = tuple(wish for wish in self.wishes if wish != key)
        self._changes[RELEASE_PREFIX + key.hex().encode()] = None

    def waiting(self, store: Store, key: bytes, most: int) -> list[tuple[str, int]]:
        """Return topic and offset of the first waiting records of a key, in their order."""
        held = self.by_key[key]
        places = []
        for number in range(held.first, min(held.first + most, held.stop)):
            data = store.get(_place_key(key, number))
            assert data is not None, "a record waits whose place is unknown"
            topic, offset = json.loads(data)
            places.append((topic, offset))
        return places

    def processed(self, key: bytes, count: int) -> None:
        """Forget the first waiting records of a key; with the last one it is free."""
        held = self.by_key[key]
        for number in range(held.first, held.first + count):
            self._changes[_place_key(key, number)] = None
        if held.first + count < held.stop:
            self._set(Hold(held.blamed, held.first + count, held.stop))
            return
        del self.by_key[key]
        self._changes[_HELD + key.hex().encode()] = None
        self.refuse(key)

    def taken(self) -> list[Change]:
        """Return the changes since the last time, for the transaction under way."""
        changes, self._changes = list(self._changes.items()), {}
        return changes

    def _set(self, held: Hold) -> None:
        key = held.blamed.key
        self.by_key[key] = held
        body = [held.blamed.topic, held.blamed.offset, held.blamed.cause, held.first, held.stop]
        self._changes[_HELD + key.hex().encode()] = json.dumps(body, separators=(",", ":")).encode()


class Answer(Enum):
    """What became of a wish to release."""

    RELEASED = "released"
    STILL_HELD = "still held"
    NOT_HELD = "not held"


class AnswerReader:
    """Reads the answer to a wish out of the changelog, from the wish on; `processed` counts what was released."""

    def __init__(self, key: bytes) -> None:
        name = key.hex().encode()
        self._held, self._wait, self._wish = _HELD + name, _WAIT + name + b"/", RELEASE_PREFIX + name
        self._answer = Answer.NOT_HELD
        self.processed = 0

    def take(self, changes: Iterable[Change]) -> Answer | None:
        """Take in what comes next; return the answer once it is there."""
        for key, value in changes:
            if key == self._held:
                self._answer = Answer.RELEASED if value is None else Answer.STILL_HELD
            elif value is None and key.startswith(self._wait):
                self.processed += 1
            elif value is None and key == self._wish:
                return self._answer
        return None


def held_keys(state: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the keys that are held, from all keys of a partition's state."""
    for full in state:
        if full.startswith(_HELD):
            yield bytes.fromhex(full[len(_HELD) :].decode())


def release_wish(key: bytes) -> Change:
    """Return the change of the state that asks to release a key."""
    return RELEASE_PREFIX + key.hex().encode(), b"1"


def _place_key(key: bytes, number: int) -> bytes:
    return _WAIT + key.hex().encode() + b"/%012d" % number


def _under(store: Store, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
    for full, data in store.scan(prefix, after_prefix(prefix)):
        yield bytes.fromhex(full[len(prefix) :].decode()), data


def _decode(key: bytes, data: bytes) -> Hold:
    topic, offset, cause, first, stop = json.loads(data)
    return Hold(Blamed(key, topic, offset, cause), first, stop)
