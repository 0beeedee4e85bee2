"""How far a spool is sent: a small file that is replaced as a whole, and what Kafka itself says.

Kafka's word is the better one: it is part of the transaction that carried the events. But Kafka forgets the position of
a group that is silent for a week (`offsets.retention.minutes`), so the file notes before each transaction up to where
it will go, and after it how far all is sent.
"""

import json
import os
import uuid
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Self

from streams.ports.spool.errors import SpoolUncertain, SpoolUnusable

NAME: Final = "position.json"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Position:
    """`sent` events are in Kafka; `sending` is where the transaction ends that may have been under way."""

    spool_id: str
    namespace: str
    sent: int = 0
    sending: int | None = None
    version: int = VERSION

    @classmethod
    def new(cls, namespace: str) -> Self:
        """Return the position of a new spool."""
        return cls(str(uuid.uuid4()), namespace)

    @property
    def group(self) -> str:
        """Name of the consumer group, and of the transactional id, under which Kafka knows this spool."""
        return f"cee-spool-{self.spool_id}"

    def settled(self, committed: int | None) -> "Position":
        """Return what holds, given what Kafka says (None: nothing). Raises `SpoolUncertain`, `SpoolUnusable`.

        Before the first note of `sending` Kafka was given a position: if it has none then, it has forgotten it.
        """
        if committed is not None and committed > (self.sending or self.sent):
            message = (
                f"Kafka has {committed:,} events of this spool and its own file knows of "
                f"{self.sending or self.sent:,}: the folder was restored from an older copy; use a new one"
            )
            raise SpoolUnusable(message)
        if committed is not None and committed >= self.sent:
            return replace(self, sent=committed, sending=None)
        if self.sending is not None:
            message = (
                f"whether events {self.sent + 1:,} to {self.sending:,} of the spool arrived is not known, for Kafka "
                "no longer has its position: `cee spool flush DIR --unknown resend` sends them again (one event id "
                "counts once), `--unknown skip` takes them as sent"
            )
            raise SpoolUncertain(message)
        return self

    def resolved(self, *, arrived: bool) -> "Position":
        """Return what holds when a person says whether the transaction under way arrived."""
        return replace(self, sent=(self.sending or self.sent) if arrived else self.sent, sending=None)


def read_position(directory: Path) -> Position | None:
    """Return what the file says, None where there is none. Raises `SpoolUnusable`."""
    path = directory / NAME
    try:
        found = Position(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise SpoolUnusable(message) from error
    except (ValueError, TypeError) as error:
        message = f"{path} is damaged: move the folder aside and ask for help, its events are still in the .log files"
        raise SpoolUnusable(message) from error
    if found.version != VERSION:
        message = f"{path} was written by another version of this program ({found.version})"
        raise SpoolUnusable(message)
    return found


def write_position(directory: Path, position: Position) -> None:
    """Replace the file; on disk when this returns. Raises `OSError`."""
    fresh = directory / f"{NAME}.new"
    with fresh.open("w", encoding="utf-8") as stream:
        os.fchmod(stream.fileno(), 0o600)
        json.dump(asdict(position), stream)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(directory / NAME)
    sync_directory(directory)


def sync_directory(directory: Path) -> None:
    """Make names that were added or replaced in a folder last."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
