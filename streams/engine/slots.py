"""A worker's place on its machine: a number, a folder for its stores, and an identity that survives a restart.

Two workers of one machine can share a state directory: each takes the first number whose lock file nobody holds.
The operating system lets go of the lock when the process ends, however it ends.
"""

import fcntl
import os
import socket
import zlib
from dataclasses import dataclass
from pathlib import Path

from streams.engine.errors import ConfigurationError

_MOST_SLOTS = 100


@dataclass(frozen=True, slots=True)
class Slot:
    """A claimed place; `instance_id` is the member's static identity in the group."""

    number: int
    folder: Path
    instance_id: str
    lock: int

    def release(self) -> None:
        """Let another worker have the place; once only."""
        os.close(self.lock)


def claim_slot(state_dir: Path, app_id: str) -> Slot:
    """Take the first free place below `state_dir`.

    Raises `ConfigurationError` when the folder cannot be used or all places are taken.
    """
    base = state_dir.resolve() / app_id
    # Two state folders of one machine both have a first place; the folder is part of who a worker is.
    home = f"{socket.gethostname()}-{zlib.crc32(bytes(base)):08x}"
    try:
        base.mkdir(parents=True, exist_ok=True)
        for number in range(_MOST_SLOTS):
            lock = _locked(base / f"slot-{number}.lock")
            if lock is not None:
                folder = base / f"slot-{number}"
                folder.mkdir(exist_ok=True)
                return Slot(number, folder, f"{app_id}-{home}-{number}", lock)
    except OSError as error:
        message = f"the state folder {base} cannot be used: {error.strerror or error}"
        raise ConfigurationError(message) from error
    message = f"all {_MOST_SLOTS} places in {base} are taken by running workers"
    raise ConfigurationError(message)


def _locked(path: Path) -> int | None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
