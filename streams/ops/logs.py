"""Log lines for operators: one line a thing to act on, for a person or as JSON, without personal numbers."""

import json
import logging
import sys
from datetime import UTC, datetime

from streams.contract.masking import masked


class TextFormatter(logging.Formatter):
    """`time level logger: message`, with a traceback where there is one, personal numbers masked."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Format as usual, then mask: also what a traceback quotes."""
        return masked(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time` (RFC 3339, UTC), `level`, `logger`, `message`, and `error` with a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Build the object from the record; keys never vary, so that a log store can index them."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return masked(json.dumps(entry, ensure_ascii=False))


def set_up_logging(level: str, *, as_json: bool) -> None:
    """Send all log lines to standard error in one format; libraries speak from WARNING on.

    Raises `ValueError` for an unknown level.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if as_json else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
    logging.getLogger("streams").setLevel(level.upper())
