"""The one sentence that the page begins with: the worst thing first. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from streams.ops.lag.book import GroupLag, LagReport
from streams.ops.lag.history import seconds_of
from streams.ops.lag.verdict import Verdict

LATE_SECONDS: Final = 60.0
"""From here on a reader is called late, whatever its verdict."""
OLD_SECONDS: Final = 30.0

OK, WARN, BAD = "ok", "warn", "bad"


class Saying(NamedTuple):
    """A state (`ok`, `warn`, `bad`) and one sentence; `more` says what else a person should know."""

    state: str
    sentence: str
    more: str = ""


class Facts(NamedTuple):
    """What the sentence is made of; `names` are the names of readers and desks, `tasks` those of all workers."""

    report: LagReport | None
    now: float
    group: str
    centers: Mapping[str, str]
    """Names of the Centers by their work topic."""
    tasks: Sequence[Mapping[str, Any]]
    troubles: Sequence[str]
    """What workers say of themselves that is not well."""
    clocks: Mapping[str, "Clocks"]
    """Clocks of law of the Centers' open cases, by their work topic."""


class Clocks(NamedTuple):
    """How many clocks of law fall due within a week, and how many are overdue."""

    due_soon: int
    overdue: int


def answer(facts: Facts) -> Saying:
    """Say how all is: the first of what is wrong, and how many more things are."""
    sayings = sorted(_sayings(facts), key=lambda saying: saying.state != BAD)
    first = Saying(OK, f"All {_number(len(facts.centers))} Centers are up to date")
    first, *others = sayings or [first]
    more = [first.more, *(f"Also: {other.sentence}." for other in others[:3])]
    if len(others) > 3:  # noqa: PLR2004 - as many as are told above
        more.append(f"And {len(others) - 3} more.")
    more.append(_told_clocks(facts))
    return first._replace(more=" ".join(part for part in more if part))


def _sayings(facts: Facts) -> Iterator[Saying]:
    for task in facts.tasks:
        if task["halted"]:
            yield Saying(BAD, f"Partition {task['partition']} is halted", f"{task['halted']}.")
    if facts.report is None:
        yield Saying(BAD, "Lag is not known: no worker has looked yet")
        return
    if facts.now - facts.report.at > OLD_SECONDS:
        yield Saying(BAD, f"Lag is not known since {clock(facts.report.at)}", "The broker gives no answer.")
    yield from (Saying(BAD, trouble) for trouble in facts.troubles)
    for group in facts.report.groups:
        yield from _of_group(group, facts)
    yield from _of_unread(facts.report, facts.centers)
    yield from _of_restores(facts.tasks)


def _of_unread(report: LagReport, centers: Mapping[str, str]) -> Iterator[Saying]:
    """Say whose work nobody reads, though there is some."""
    filled = {
        topic for (topic, partition), end in report.ends.items() if end > report.begins.get((topic, partition), 0)
    }
    read = {topic for group in report.groups for topic in group.topics}
    unread = [name for topic, name in centers.items() if topic in filled - read]
    if len(unread) == 1:
        yield Saying(WARN, f"Nobody reads the work of {unread[0]}", "It waits on its topic, and no group has begun.")
    elif unread:
        who = f"of {len(unread)} Centers" if len(unread) < len(centers) else "of any Center"
        yield Saying(WARN, f"Nobody reads the work {who}", "It waits on their topics, and no group has begun.")


def _of_group(group: GroupLag, facts: Facts) -> Iterator[Saying]:
    name = reader_name(group, facts)
    lost = sum(place.lost for place in group.places)
    if lost:
        yield Saying(BAD, f"{name} lost {lost:,} records to retention", f"Group {group.name} was too slow.")
    late = seconds_of(group)
    behind = f"{duration(late)} behind" if late is not None else f"{group.lag:,} records behind"
    if group.verdict in {Verdict.STOP, Verdict.STALL}:
        stands = " has no members and" if group.verdict is Verdict.STOP else ""
        yield Saying(
            BAD,
            f"{name} is {behind}",
            f"Group {group.name}{stands} has not moved{_since(group)}. No work is lost.{_of_center(group, facts)}",
        )
    elif group.verdict is Verdict.REWIND:
        yield Saying(WARN, f"{name} went back and reads again", f"Group {group.name} is {behind}.")
    elif late is not None and late > LATE_SECONDS:
        how = "falls further behind" if group.verdict is Verdict.WARN else "is late"
        yield Saying(
            WARN, f"{name} is {behind}", f"Group {group.name} {how}. No work is lost.{_of_center(group, facts)}"
        )
    if group.uncommitted and group.verdict is Verdict.OK and not group.members:
        yield Saying(WARN, f"{name} has never read {group.uncommitted} partitions")


def _told_clocks(facts: Facts) -> str:
    """Say what law will ask for next: of all Centers, whoever is behind."""
    soon, over = (sum(counts) for counts in zip(*facts.clocks.values(), strict=True)) if facts.clocks else (0, 0)
    told = [f"{soon:,} due within a week"] * (soon > 0) + [f"{over:,} overdue"] * (over > 0)
    return f"Clocks of law: {' and '.join(told)}." if told else ""


def _of_center(group: GroupLag, facts: Facts) -> str:
    """Say what falls due at the Center that is behind; empty where nothing does."""
    soon = sum(facts.clocks[topic].due_soon for topic in group.topics if topic in facts.clocks)
    return f" {soon:,} of its clocks of law {'falls' if soon == 1 else 'fall'} due within a week." if soon else ""


def _since(group: GroupLag) -> str:
    """Return since when the partitions that stand still do so, as far as it was seen."""
    still = [place.moved_at for place in group.places if place.verdict in {Verdict.STOP, Verdict.STALL}]
    seen = [at for at in still if at is not None]
    return f" since {clock(max(seen))}" if seen else " as long as it was watched"


def _of_restores(tasks: Sequence[Mapping[str, Any]]) -> Iterator[Saying]:
    restoring = [task for task in tasks if task["phase"] == "restoring"]
    if restoring:
        left = [task["seconds_left"] for task in restoring if task["seconds_left"] is not None]
        about = f", about {duration(max(left))} left" if left else ""
        which = (
            f"Partition {restoring[0]['partition']} is" if len(restoring) == 1 else f"{len(restoring)} partitions are"
        )
        yield Saying(WARN, f"{which} being restored{about}")


def reader_name(group: GroupLag, facts: Facts) -> str:
    """Return what a person calls a reader: its Center, or the processor, else the group."""
    if group.name == facts.group:
        return "The processor"
    for topic in group.topics:
        if topic in facts.centers:
            return facts.centers[topic]
    return f"Group {group.name}"


def duration(seconds: float) -> str:
    """Return a time span in the unit that a person would take."""
    for limit, size, unit in ((10, 1, "s"), (90, 1, "s"), (5400, 60, "min"), (129_600, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.1f} {unit}" if limit == 10 else f"{seconds / size:.0f} {unit}"  # noqa: PLR2004 - see row
    return f"{seconds / 86400:.0f} days"


def clock(at: float) -> str:
    """Return a time of day in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S UTC")


def _number(count: int) -> str:
    return "ten" if count == 10 else str(count)  # noqa: PLR2004 - the number that it always is
