"""Events that are wrong on purpose: what a port's mistakes, bugs and foreign clients do to a topic."""

from collections.abc import Callable
from typing import Final

from streams.sample.days import DAY_MS
from streams.sample.entry_numbers import check_digit
from streams.sample.events import Events, SampleEvent, event_id
from streams.sample.importers import Importer, Importers
from streams.sample.lifecycle import Stage, Version
from streams.sample.schedule import Due
from streams.sample.summaries import version_number

TOO_MANY_LINES: Final = 5_000
YEAR_2099: Final = 47_117
"""2099-01-01 in days since 1970."""

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
GARBAGE: Final = b"\x7bnot avro\x7d"
UNKNOWN_SCHEMA: Final = b"\xc3\x01" + bytes(range(8)) + b"\x00"


class Wrong:
    """Makes the wrong record of a summary; `FAULTS` are its kinds."""

    def __init__(self, events: Events, importers: Importers) -> None:
        self._events = events
        self._importers = importers
        self._makers: tuple[tuple[str, Callable[[Due, Importer, str], SampleEvent]], ...] = (
            ("false-check-digit", self._false_check_digit),
            ("replacement-older", self._older_replacement),
            ("wrong-key", self._wrong_key),
            ("future", self._future),
            ("year-2099", self._year_2099),
            ("unknown-entry", self._unknown_entry),
            ("too-many-lines", self._too_many_lines),
            ("undecodable", self._undecodable),
            ("unknown-schema", self._unknown_schema),
        )

    def event(self, due: Due) -> SampleEvent:
        """Return one of the wrong records about a summary."""
        fault, make = self._makers[due.detail % len(self._makers)]
        return make(due, self._importers.profile(due.plan.rank), fault)

    def _sent(self, due: Due, importer: Importer, name: str, own: dict[str, object], fault: str) -> SampleEvent:
        """Return a record under the importer's key."""
        source = self._events.summaries.port(due.plan, importer).code
        fields = {"event_id": event_id(due.plan, Stage.WRONG), "event_time": due.at_ms, "source": source, **own}
        return SampleEvent(name, fields, importer.key, due.published_ms, due.order, fault)

    def _summary(self, due: Due, importer: Importer, accepted_ms: int) -> dict[str, object]:
        """Return the first version of the summary as accepted at an instant."""
        return self._events.summaries.summary(due.plan, importer, accepted_ms, Version.FIRST, dated=True)

    def _false_check_digit(self, due: Due, importer: Importer, fault: str) -> SampleEvent:
        number = self._events.summaries.number(due.plan, importer)
        own: dict[str, object] = {
            "entry_number": number[:10] + str((int(check_digit(number[:10])) + 5) % 10),
            "importer_of_record": importer.numbers[0],
            "control": "cbp",
        }
        return self._sent(due, importer, "entry_summary_control_changed", own, fault)

    def _older_replacement(self, due: Due, importer: Importer, fault: str) -> SampleEvent:
        summary = self._summary(due, importer, due.at_ms - 60 * DAY_MS) | {"version": version_number(Version.FIRST)}
        return self._sent(due, importer, "entry_summary_replaced", {"summary": summary}, fault)

    def _wrong_key(self, due: Due, importer: Importer, fault: str) -> SampleEvent:
        _, own = self._events.told_of(due, importer)
        sent = self._sent(due, importer, "entry_summary_control_changed", own | {"control": "cbp"}, fault)
        return sent._replace(key=b"not-the-importers-key")

    def _future(self, due: Due, importer: Importer, fault: str) -> SampleEvent:
        _, own = self._events.told_of(due, importer)
        ahead = due._replace(at_ms=due.published_ms + 3 * DAY_MS)
        return self._sent(ahead, importer, "entry_summary_control_changed", own | {"control": "cbp"}, fault)

    def _year_2099(self, due: Due, importer: Importer, fault: str) -> SampleEvent:
        _, own = self._events.told_of(due, importer)
        return self._sent(due, importer, "entry_date_set", own | {"entry_date": YEAR_2099}, fault)

    def _unknown_entry(self, due: Due, importer: Importer, fault: str) -> SampleEvent:
        number = "ZZ9" + self._events.summaries.number(due.plan, importer)[3:10]
        number += check_digit(number)
        own: dict[str, object] = {
            "entry_number": number,
            "disposition": "2",
            "disposition_source": "1",
            "action_on": due.at_ms // DAY_MS,
        }
        return self._sent(due, importer, "status_notification", own, fault)._replace(key=number.encode())

    def _too_many_lines(self, due: Due, importer: Importer, fault: str) -> SampleEvent:
        summary = self._summary(due, importer, due.at_ms)
        lines = summary["lines"]
        assert isinstance(lines, list)
        many = (lines[0] | {"line_id": _line_id(number), "article_set": ""} for number in range(TOO_MANY_LINES))
        summary["lines"] = list(many)
        return self._sent(due, importer, "entry_summary_replaced", {"summary": summary}, fault)

    def _undecodable(self, due: Due, importer: Importer, fault: str) -> SampleEvent:
        return SampleEvent("", {}, importer.key, due.published_ms, due.order, fault, GARBAGE)

    def _unknown_schema(self, due: Due, importer: Importer, fault: str) -> SampleEvent:
        return SampleEvent("", {}, importer.key, due.published_ms, due.order, fault, UNKNOWN_SCHEMA)


def _line_id(number: int) -> str:
    """Return a number in three letters and digits: enough identifiers for 46,656 lines."""
    return "".join(DIGITS[number // 36**place % 36] for place in (2, 1, 0))
