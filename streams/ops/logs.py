"""Log lines for operators: one line a thing to act on, for a person or as JSON, without personal numbers."""

import json
import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from streams.contract.masking import masked

REPEAT_SECONDS: Final = 60.0
"""A line that repeats itself is written again only so often, with how many were kept back."""
_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "kept_back"}
"""What every record carries; all else was given as `extra`."""


class TextFormatter(logging.Formatter):
    """`time level logger: message`, with a traceback where there is one, personal numbers masked; times are UTC."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """Format as usual, then mask: also what a traceback quotes."""
        return masked(super().format(record) + _kept_back(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line.

    `time` (RFC 3339, UTC), `level`, `logger` and `message` are always there; `error` with a traceback, `partition`,
    `group` and other fields where the line is about one, `kept_back` where repeats of it were not written.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Build the object from the record."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _OWN},
        }
        # The engine says "partition %d: ..." to people; machines want to filter by it.
        if str(record.msg).startswith("partition %d") and isinstance(record.args, tuple):
            entry["partition"] = record.args[0]
        if getattr(record, "kept_back", 0):
            entry["kept_back"] = vars(record)["kept_back"]
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return masked(json.dumps(entry, ensure_ascii=False, default=str))


def _kept_back(record: logging.LogRecord) -> str:
    number = vars(record).get("kept_back", 0)
    return f" [{number} more like this in between]" if number else ""


class Sparing(logging.Filter):
    """Lets a line through once a minute, however often it is said: an outage must not hide itself in its own noise.

    Lines are alike when logger, template and level are, and the partition where they name one. Errors with a
    traceback always pass.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._said: dict[tuple[object, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether to write a record; one that passes learns how many were kept back before it."""
        if record.exc_info or record.levelno < logging.WARNING:
            return True
        first = record.args[0] if isinstance(record.args, tuple) and record.args else None
        key = (record.name, record.levelno, record.msg, first if isinstance(first, int | str) else None)
        at, number = self._said.get(key, (-REPEAT_SECONDS, 0))
        now = self._now()
        if now - at < REPEAT_SECONDS:
            self._said[key] = (at, number + 1)
            return False
        if len(self._said) >= 1000:  # noqa: PLR2004 - lines that never repeat must not be kept for ever
            self._said.clear()
        self._said[key] = (now, 0)
        vars(record)["kept_back"] = number
        return True


def set_up_logging(level: str, *, as_json: bool) -> None:
    """Send all log lines to standard error in one format; libraries speak from WARNING on.

    Raises `ValueError` for an unknown level.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if as_json else TextFormatter())
    handler.addFilter(Sparing())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
    logging.getLogger("streams").setLevel(level.upper())
