"""Dead letters as people see them: what each is, where it came from, and what became of it."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from streams.contract.topics import TopicNames
from streams.engine.api import Headers, SourceRecord
from streams.engine.dead_letter import (
    CUT_FROM,
    EXCEPTION,
    MESSAGE,
    OFFSET,
    PARTITION,
    PUBLISHED_AT,
    REASON,
    REPLAY_OF,
    TOPIC,
)
from streams.replay.log_reader import Log

OPEN: Final = "open"
RELEASED: Final = "released"
HELD: Final = "held"


class LetterError(ValueError):
    """A dead letter that is not there, or with which the wish cannot be done; the text is one sentence."""


class Place(NamedTuple):
    """Where a dead letter is in its topic; written `partition/offset`."""

    partition: int
    offset: int

    def __str__(self) -> str:
        """Return it as people write it."""
        return f"{self.partition}/{self.offset}"

    @classmethod
    def of(cls, text: str) -> "Place":
        """Read it. Raises `LetterError`."""
        partition, slash, offset = text.partition("/")
        if not slash or not partition.isdecimal() or not offset.isdecimal():
            message = f"{text!r} does not name a dead letter: write partition/offset, as `cee dlq list` shows it"
            raise LetterError(message)
        return cls(int(partition), int(offset))


class Source(NamedTuple):
    """Where a record was when it was read."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        """Return it as logs write it."""
        return f"{self.topic}-{self.partition}@{self.offset}"


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter. `headers` are the record's own; `cut_from` is the size of the whole where it was cut, else 0.

    `resolution` is `open` or what was done; `replay_of` is the letter whose replay this is, empty if it is none.
    """

    place: Place
    source: Source
    reason: str
    detail: str
    published_ms: int
    buried_ms: int
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    headers: Headers = field(repr=False)
    cut_from: int = 0
    replay_of: str = ""
    resolution: str = OPEN

    @property
    def waits(self) -> bool:
        """Whether it waits with a held account: released with all of it, and by that alone dealt with."""
        return self.reason == HELD and self.resolution == OPEN


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which letters are meant: all conditions together; places empty means any."""

    places: Collection[Place] = ()
    reason: str = ""
    key: bytes | None = None

    def fits(self, letter: Letter) -> bool:
        """Whether a letter is meant."""
        return (
            (not self.places or letter.place in self.places)
            and self.reason in {"", letter.reason}
            and self.key in {None, letter.key}
        )


def letters_of(log: Log, names: TopicNames) -> list[Letter]:
    """Return all dead letters of topics that were read, by partition and offset.

    Of those that waited with a held account, only the journal knows whether they were released.
    """
    done = dict(_resolutions(log, names.of("dead-letter-resolution")))
    topic = names.of("dead-letter")
    found = [_letter(record) for (name, _), records in sorted(log.items()) if name == topic for record in records]
    return [_resolved(letter, done.get(str(letter.place), OPEN)) for letter in found]


def with_released(letters: Iterable[Letter], released: Collection[Source]) -> list[Letter]:
    """Return the letters, with those that waited at these places as released."""
    return [_resolved(letter, RELEASED) if letter.waits and letter.source in released else letter for letter in letters]


def choose(letters: Iterable[Letter], chosen: Chosen) -> list[Letter]:
    """Return the open letters that are meant, in their order, without those that wait with a held account.

    Raises `LetterError` for a place that has no letter, or one that waits or was dealt with.
    """
    letters = list(letters)
    by_place = {letter.place: letter for letter in letters}
    for place in chosen.places:
        letter = by_place.get(place)
        if letter is None:
            message = f"there is no dead letter {place}"
            raise LetterError(message)
        if letter.resolution != OPEN:
            message = f"dead letter {place} was {letter.resolution} already"
            raise LetterError(message)
        if letter.waits:
            message = (
                f"dead letter {place} waits with its account and is processed with all of it, in order: "
                "`cee dlq replay --account ACCOUNT` once the program is mended"
            )
            raise LetterError(message)
    return [letter for letter in letters if letter.resolution == OPEN and not letter.waits and chosen.fits(letter)]


def waiting(letters: Iterable[Letter], chosen: Chosen) -> list[Letter]:
    """Return those of the letters that are meant that wait with a held account."""
    return [letter for letter in letters if letter.waits and chosen.fits(letter)]


def _resolutions(log: Log, topic: str) -> Iterator[tuple[str, str]]:
    for (name, _), records in log.items():
        if name == topic:
            for record in records:
                yield (record.key or b"").decode(), str(json.loads(record.value or b"{}").get("did", ""))


def _letter(record: SourceRecord) -> Letter:
    own, told = _apart(record.headers)

    def text(name: str) -> str:
        return told.get(name, b"").decode("utf-8", "replace")

    return Letter(
        place=Place(record.partition, record.offset),
        source=Source(text(TOPIC), int(text(PARTITION) or -1), int(text(OFFSET) or -1)),
        reason=text(REASON) or "unknown",
        detail=text(MESSAGE),
        published_ms=int(text(PUBLISHED_AT) or -1),
        buried_ms=record.timestamp_ms,
        key=record.key,
        value=record.value,
        headers=own,
        cut_from=int(text(CUT_FROM) or 0),
        replay_of=dict(own).get(REPLAY_OF, b"").decode("utf-8", "replace"),
    )


def _resolved(letter: Letter, resolution: str) -> Letter:
    return letter if resolution == OPEN else replace(letter, resolution=resolution)


def _apart(headers: Headers) -> tuple[Headers, Mapping[str, bytes]]:
    """Part a record's own headers from those that were added when it was buried, which come last."""
    starts = [at for at, (name, _) in enumerate(headers) if name == EXCEPTION]
    at = starts[-1] if starts else len(headers)
    return headers[:at], dict(headers[at:])
