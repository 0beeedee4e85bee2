"""What `cee publish` reads: files, standard input, and the options that say how."""

import io
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, cast

import click

from streams.ports.abi.answers import is_plausible
from streams.ports.numbers import FILER_CODE
from streams.ports.pipe import Pipe
from streams.ports.sources import Answers, Format, Item, Note, abi_items, detected_format, json_items, piped_items

STANDARD_INPUT: Final = "-"
HEAD_BYTES: Final = 1024
PIPED_BATCH: Final = "; what comes on standard input is one with --format abi"


class TimeType(click.ParamType):
    """A moment as RFC 3339, as UTC whatever its offset; without one it is UTC."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read the option's text."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not a time: write 2026-09-01T14:30:00Z", param, ctx)


class OffsetType(click.ParamType):
    """FILER=N: a filer whose check digits may be N higher."""

    name = "filer=n"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Read the option's text."""
        filer, _, offset = str(value).partition("=")
        if FILER_CODE.fullmatch(filer) is None or offset not in set("123456789"):
            self.fail(f"{value!r} is not a filer code and 1 to 9, as B76=1", param, ctx)
        return filer, int(offset)


@dataclass(slots=True)
class Input:
    """The files to read, opened one after the other, and how to read them."""

    files: tuple[str, ...]
    kind: Format | None
    answers: str | None
    answered_at: datetime | None
    assumed_at: datetime | None
    offsets: dict[str, set[int]]
    opened: ExitStack = field(default_factory=ExitStack)
    current: BinaryIO | None = None
    bytes_before: int = 0
    pipe: Pipe | None = None
    unrepeatable: dict[str, BinaryIO] = field(default_factory=dict)
    """Pipes that were opened to tell their format: what was read of one cannot be read again."""

    async def items(self) -> AsyncIterator[Item | Note]:
        """Yield what the files hold; lines of standard input as they come."""
        for name in self.files:
            stream = self._open(name)
            if self._is_piped(name, stream):
                self.pipe = Pipe(stream.fileno())
                async for item in piped_items(self.pipe):
                    yield self._named(name, item)
            else:
                for whole in self._items_of(name, stream):
                    yield self._named(name, whole)

    def stop(self) -> None:
        """Wait for no more lines of standard input."""
        if self.pipe is not None:
            self.pipe.end()

    def _named(self, name: str, item: Item | Note) -> Item | Note:
        return item if len(self.files) == 1 else replace(item, where=f"{name}: {item.where}")

    def _is_piped(self, name: str, stream: BinaryIO) -> bool:
        if name != STANDARD_INPUT or self.kind is Format.ABI:
            return False
        try:
            return stream.fileno() >= 0
        except OSError:
            return False

    def _items_of(self, name: str, stream: BinaryIO) -> Iterator[Item | Note]:
        if self._kind_of(name, stream) is Format.JSON_LINES:
            return json_items(stream)
        answers = self._opened(self.answers) if self.answers else None
        return abi_items(stream, Answers(answers, self.answered_at, self.assumed_at), self.offsets)

    def check(self) -> None:
        """Refuse what cannot be meant, before anything is read; raises `UsageError`."""
        batches = [name for name in self.files if self._is_batch(name)]
        told = (self.answers is not None) + (self.assumed_at is not None)
        if batches and told != 1:
            guessed = "is taken for a batch, for it does not begin with {" if self.kind is None else "is a batch"
            ways = "give its answers (--answers) or --assume-accepted TIME, one of them"
            message = f"{batches[0]} {guessed}: {ways}{', or --format jsonl' if self.kind is None else ''}"
            raise click.UsageError(message)
        if self.answers is not None and len(batches) != 1:
            message = f"--answers belongs to exactly one batch file{PIPED_BATCH}"
            raise click.UsageError(message)
        if self.files and self.assumed_at is not None and not batches:
            message = f"--assume-accepted belongs to a batch file{PIPED_BATCH}"
            raise click.UsageError(message)
        if self.files and self.answered_at is not None and self.answers is None:
            message = "--answered-at belongs to --answers"
            raise click.UsageError(message)
        for option, moment in (("--assume-accepted", self.assumed_at), ("--answered-at", self.answered_at)):
            if moment is not None and not is_plausible(moment):
                message = f"{option} {moment.isoformat()} lies before 1990 or more than a day ahead"
                raise click.UsageError(message)

    def total_bytes(self) -> int | None:
        """Return the size of all files, None where it is not known."""
        if any(name == STANDARD_INPUT or not Path(name).is_file() for name in self.files):
            return None
        return sum(Path(name).stat().st_size for name in self.files)

    def bytes_read(self) -> int:
        """Tell how far reading has come."""
        try:
            return self.bytes_before + (self.current.tell() if self.current else 0)
        except (OSError, ValueError):
            return self.bytes_before

    def _open(self, name: str) -> BinaryIO:
        self.bytes_before = self.bytes_read()
        if name == STANDARD_INPUT:
            self.current = sys.stdin.buffer
        else:
            self.current = self.unrepeatable.pop(name, None) or self._opened(name)
        return self.current

    def _opened(self, name: str) -> BinaryIO:
        return self.opened.enter_context(Path(name).open("rb"))

    def _is_batch(self, name: str) -> bool:
        if self.kind is not None or name == STANDARD_INPUT:
            return self.kind is Format.ABI
        stream = self._opened(name)
        is_batch = self._kind_of(name, stream) is Format.ABI
        if stream.seekable():
            stream.close()
        else:
            self.unrepeatable[name] = stream
        return is_batch

    def _kind_of(self, name: str, stream: BinaryIO) -> Format:
        if self.kind is not None or name == STANDARD_INPUT:
            return self.kind or Format.JSON_LINES
        return detected_format(cast("io.BufferedReader", stream).peek(HEAD_BYTES)[:HEAD_BYTES], name)
