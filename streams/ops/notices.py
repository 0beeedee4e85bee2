"""What operators are told in the log, once when it begins and once when it is over. Pure: it returns the lines."""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from streams.ops.health import SILENT, Health
from streams.ops.lag.book import GroupLag, LagReport
from streams.ops.lag.verdict import Verdict

NEAR_SECONDS: Final = 86_400.0
"""So long before retention takes an unread record it is told, as the alert does."""
BAD: Final = frozenset({Verdict.REWIND, Verdict.STALL, Verdict.STOP})
WORDS: Final[Mapping[Verdict, str]] = {
    Verdict.REWIND: "went back and reads again",
    Verdict.STALL: "has work and does not move, though it has members",
    Verdict.STOP: "has work and does not move: it has no members",
}


class Notice(NamedTuple):
    """One log line, and what it is about as fields for machines."""

    level: int
    text: str
    fields: Mapping[str, Any]


@dataclass(slots=True)
class Notices:
    """Remembers what was said, so that a state is told when it changes and not as long as it lasts."""

    _reasons: dict[str, str] = field(default_factory=dict)
    _groups: dict[str, Verdict] = field(default_factory=dict)
    _lost: dict[str, int] = field(default_factory=dict)
    _near: set[str] = field(default_factory=set)
    _gone: set[str] = field(default_factory=set)

    def of_health(self, health: Health) -> Iterator[Notice]:
        """Tell why the worker turned unhealthy, and when it is well again; halts tell themselves."""
        silent = [reason for reason in health.reasons if reason.startswith(SILENT)]
        # Without a broker no partition moves: that is one thing to act on, and not one for each of them.
        told = silent or [reason for reason in health.reasons if " is halted: " not in reason]
        reasons = {_kind(reason): reason for reason in told}
        for kind in reasons.keys() - self._reasons.keys():
            yield Notice(logging.ERROR, f"this worker is not well: {reasons[kind]}", {"healthy": False})
        for kind in self._reasons.keys() - reasons.keys():
            yield Notice(logging.INFO, f"over: {self._reasons[kind]}", {"healthy": health.well})
        self._reasons = reasons

    def of_report(self, report: LagReport) -> Iterator[Notice]:
        """Tell of readers that came to stand still, go on, lose records, are about to, or were deleted."""
        for group in report.groups:
            yield from self._of_verdict(group)
            yield from self._of_retention(group)
        for name in report.gone.keys() - self._gone:
            yield Notice(logging.WARNING, f"group {name} was deleted", {"group": name})
        self._gone = set(report.gone)
        names = {group.name for group in report.groups}
        self._groups = {name: verdict for name, verdict in self._groups.items() if name in names}

    def _of_verdict(self, group: GroupLag) -> Iterator[Notice]:
        former = self._groups.get(group.name, Verdict.OK)
        self._groups[group.name] = group.verdict
        fields = {"group": group.name, "status": group.verdict.value, "lag": group.lag}
        if group.verdict in BAD and group.verdict is not former:
            text = f"group {group.name} {WORDS[group.verdict]}: {group.lag} records unread"
            yield Notice(logging.WARNING, text, fields)
        elif group.verdict not in BAD and former in BAD:
            yield Notice(logging.INFO, f"group {group.name} moves again: {group.lag} records unread", fields)

    def _of_retention(self, group: GroupLag) -> Iterator[Notice]:
        lost = sum(place.lost for place in group.places)
        if lost > self._lost.get(group.name, 0):
            text = f"group {group.name} lost {lost} records to retention before it read them"
            yield Notice(logging.ERROR, text, {"group": group.name, "lost": lost})
        self._lost[group.name] = lost
        left = min((place.retention_left for place in group.places if place.retention_left is not None), default=None)
        if left is not None and left < NEAR_SECONDS:
            if group.name not in self._near:
                hours = max(0.0, left) / 3600
                text = f"retention takes unread records of group {group.name} in {hours:.1f} hours"
                yield Notice(logging.WARNING, text, {"group": group.name, "retention_left_seconds": round(left)})
            self._near.add(group.name)
        else:
            self._near.discard(group.name)


def _kind(reason: str) -> str:
    """Return what stays the same of a reason while its figures move; the partition is not a figure."""
    return re.sub(r"(?<!partition )\b\d[\d.]*", "n", reason)
