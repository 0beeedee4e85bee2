"""A partition that stands still, and how a person lets it go on.

Four keys of the state, all in the changelog, so that the next owner knows them too:

`m/halt`    why the partition stopped, written by its task
`m/resume`  the wish to go on, written by `resume.ask_to_resume` with the partition's own transactional id
`m/skip`    the records that go to the dead letters instead, until they have
`m/pardon`  after a flood of dead letters: up to where they count against no limit, until that is passed
"""

import json
from collections.abc import Mapping
from typing import Final, NamedTuple

from streams.engine.errors import Halted
from streams.engine.world import Change, Store

HALT_KEY: Final = b"m/halt"
RESUME_KEY: Final = b"m/resume"
SKIP_KEY: Final = b"m/skip"
PARDON_KEY: Final = b"m/pardon"

FLOOD: Final = "dead-letter-limit"
"""The reason of a halt that too many dead letters brought about."""

Place = tuple[str, int]
"""Topic and offset."""


class Recovery(NamedTuple):
    """What a start does about a halt: changes for its first transaction, records to bury, whether it resumes.

    `pardoned` is the offset by topic before which dead letters count against no limit.
    """

    changes: list[Change]
    condemned: frozenset[Place]
    resumed: bool
    pardoned: Mapping[str, int]


def encode_halt(halt: Halted) -> bytes:
    """Return the value of `m/halt`."""
    body = [halt.reason, halt.detail, halt.repair, halt.topic, halt.offset]
    return json.dumps(body, separators=(",", ":")).encode()


def decode_halt(data: bytes) -> Halted:
    """Return the halt of `encode_halt`."""
    reason, detail, repair, topic, offset = json.loads(data)
    return Halted(reason, detail, repair, topic=topic, offset=offset, durable=True)


def encode_resume(dead_letter_offset: int | None) -> bytes:
    """Return the value of `m/resume`."""
    return json.dumps(dead_letter_offset).encode()


def recover(store: Store, ends: Mapping[str, int]) -> Recovery:
    """Read the four keys and decide whether the task may start; `ends` are those of the sources.

    Who resumes after a flood has seen it: all that was in the sources by now passes, however much it is.

    Raises the `Halted` that is in force.
    """
    halt_data, resume_data, skip_data = store.get(HALT_KEY), store.get(RESUME_KEY), store.get(SKIP_KEY)
    condemned = decode_skip(skip_data)
    pardon_data = store.get(PARDON_KEY)
    pardoned: Mapping[str, int] = {} if pardon_data is None else json.loads(pardon_data)
    if resume_data is None:
        if halt_data is not None:
            raise decode_halt(halt_data)
        return Recovery([], condemned, resumed=False, pardoned=pardoned)
    changes: list[Change] = [(RESUME_KEY, None)]
    if halt_data is None:
        return Recovery(changes, condemned, resumed=False, pardoned=pardoned)
    halt = decode_halt(halt_data)
    wanted: int | None = json.loads(resume_data)
    if wanted is not None:
        if wanted != halt.offset:
            raise Halted(
                halt.reason,
                f"{halt.detail}; asked to resume with offset {wanted} to the dead letters, "
                f"but the partition stands at {halt.topic} offset {halt.offset}",
                halt.repair,
                topic=halt.topic,
                offset=halt.offset,
            )
        condemned |= {(halt.topic, halt.offset)}
        changes.append((SKIP_KEY, encode_skip(condemned)))
    if halt.reason == FLOOD:
        pardoned = ends
        changes.append((PARDON_KEY, json.dumps(ends, separators=(",", ":")).encode()))
    changes.append((HALT_KEY, None))
    return Recovery(changes, condemned, resumed=True, pardoned=pardoned)


def encode_skip(condemned: frozenset[Place]) -> bytes | None:
    """Return the value of `m/skip`, None if there is nothing to skip."""
    return json.dumps(sorted(condemned), separators=(",", ":")).encode() if condemned else None


def decode_skip(data: bytes | None) -> frozenset[Place]:
    """Return the records of `encode_skip`."""
    return frozenset() if data is None else frozenset((topic, offset) for topic, offset in json.loads(data))
