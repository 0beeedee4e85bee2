"""A folder into which files of events are put: which are ready, and where they go when they are dealt with.

Whoever puts a file there writes it under another name first (a leading dot, or `.tmp`, `.part`, `.filepart` at the end)
and then renames it. `X.ax` holds CBP's answers to the batch `X.abi`; a batch waits for them unless its acceptance is
assumed.
"""

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from streams.ports.errors import PublishError
from streams.ports.sources import Format, detected_format

DONE: Final = "done"
REFUSED: Final = "refused"
ANSWERS: Final = ".ax"
UNFINISHED: Final = (".tmp", ".part", ".filepart", "~")
HEAD_BYTES: Final = 1024


class FolderUnusable(PublishError):  # noqa: N818 - it names what is wrong
    """The folder cannot be used; the text is one sentence with what to do."""


class Arrived(NamedTuple):
    """A file that is ready, and the answers to it; `kind` None: it or its answers cannot be read."""

    path: Path
    kind: Format | None
    answers: Path | None


class WatchedFolder:
    """The folder, with `done` and `refused` in it; both are made. Raises `FolderUnusable`.

    `kind` is what all its files are, instead of detecting it.
    """

    def __init__(self, folder: Path, *, kind: Format | None = None, needs_answers: bool = True) -> None:
        self._folder = folder
        self._kind = kind
        self._needs_answers = needs_answers
        if not folder.is_dir():
            message = f"{folder} is not a folder: name one into which files of events are put"
            raise FolderUnusable(message)
        for place in (folder, folder / DONE, folder / REFUSED):
            _check(place)

    def ready(self) -> list[Arrived]:
        """Return the files that may be published now, the oldest first. Raises `FolderUnusable`."""
        try:
            found = [(entry.stat(follow_symlinks=False), Path(entry.path)) for entry in os.scandir(self._folder)]
        except OSError as error:
            message = f"{self._folder} cannot be read: {error.strerror}"
            raise FolderUnusable(message) from error
        files = [(status.st_mtime_ns, path) for status, path in found if stat.S_ISREG(status.st_mode)]
        waiting = [path for _, path in sorted(files) if not _is_unfinished(path) and path.suffix.lower() != ANSWERS]
        arrived = (self._arrived(path) for path in waiting)
        return [one for one in arrived if not self._waits(one)]

    def settle(self, arrived: Arrived, report: Mapping[str, object], *, is_clean: bool) -> Path:
        """Move a file and its answers to `done` or `refused`, its report beside it; returns where it is now.

        The file goes last: killed in between, it is published again, which counts once; a batch whose answers were
        moved by then stays where it is, published, until a person moves it after them. Raises `FolderUnusable`.
        """
        place = self._folder / (DONE if is_clean else REFUSED)
        target = _free(place, arrived.path.name)
        told = target.with_name(f"{target.name}.report.json")
        fresh = told.with_name(f".{told.name}.tmp")
        try:
            fresh.write_text(json.dumps({"file": arrived.path.name, **report}, indent=2) + "\n", "utf-8")
            fresh.replace(told)
            if arrived.answers is not None:
                arrived.answers.rename(target.with_name(f"{target.name}{ANSWERS}"))
            arrived.path.rename(target)
        except OSError as error:
            message = (
                f"{arrived.path} cannot be moved to {place}: {error.strerror}; mend that, what it holds is published"
            )
            raise FolderUnusable(message) from error
        return target

    def _arrived(self, path: Path) -> Arrived:
        answers = None
        try:
            with path.open("rb") as stream:
                kind = self._kind or detected_format(stream.read(HEAD_BYTES), path.name)
            answers = _answers_to(path) if kind is Format.ABI else None
            if answers is not None:
                answers.open("rb").close()
        except OSError:
            return Arrived(path, None, answers)
        return Arrived(path, kind, answers)

    def _waits(self, arrived: Arrived) -> bool:
        return arrived.kind is Format.ABI and self._needs_answers and arrived.answers is None


def _answers_to(path: Path) -> Path | None:
    named = (path.with_suffix(suffix) for suffix in (ANSWERS, ANSWERS.upper()))
    return next((answers for answers in named if answers.is_file()), None)


def _is_unfinished(path: Path) -> bool:
    return path.name.startswith(".") or path.name.lower().endswith(UNFINISHED)


def _free(place: Path, name: str) -> Path:
    """Return a path that no file has: the second of one name is `name.2`."""
    target, number = place / name, 2
    while target.exists():
        target, number = place / f"{name}.{number}", number + 1
    return target


def _check(place: Path) -> None:
    try:
        place.mkdir(exist_ok=True)
        probe = place / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        message = (
            f"{place} cannot be written ({error.strerror}): files could not be moved there; give this account the right"
        )
        raise FolderUnusable(message) from error
