"""From readings to lag: groups that come, go, move, never commit, or are overtaken."""

from collections.abc import Mapping

from streams.ops.lag.book import GroupLag, LagBook, LagReport, PlaceLag
from streams.ops.lag.reading import GroupReading, Member, Place, Reading, Unread
from streams.ops.lag.verdict import COMPLETE, WINDOW, Verdict

A: Place = ("center-work-electronics", 0)
B: Place = ("center-work-electronics", 1)
DESK = Member("desk-1-uuid", "desk-1", "10.0.0.1")


class Log:
    """What is in the logs: next record by place and offset; without one only markers are left."""

    def __init__(self, unread: Mapping[tuple[Place, int], Unread] | None = None, *, is_known: bool = True) -> None:
        self.unread = unread or {}
        self.is_known = is_known

    def get(self, place: Place, offset: int, end: int) -> Unread | None:
        del end
        return self.unread.get((place, offset))

    def is_drained(self, place: Place, offset: int, end: int) -> bool:
        return offset >= end or (self.is_known and (place, offset) not in self.unread)


UNKNOWN = Log(is_known=False)


def group(committed: Mapping[Place, int], owners: Mapping[Place, Member] | None, name: str = "desk") -> GroupReading:
    return GroupReading(name, "Stable", committed, owners)


def reading(at: float, ends: Mapping[Place, int], *groups: GroupReading, begins: Mapping[Place, int] = {}) -> Reading:
    return Reading(at, {**dict.fromkeys(ends, 0), **begins}, ends, groups)


def book(retention_ms: int | None = None) -> LagBook:
    return LagBook(lambda _topic: retention_ms)


def only_place(report: LagReport) -> PlaceLag:
    [[place]] = [found.places for found in report.groups]
    return place


def only_group(report: LagReport) -> GroupLag:
    [found] = report.groups
    return found


def test_lag_is_what_lies_between_commit_and_end() -> None:
    place = only_place(book().fold(reading(10, {A: 30}, group({A: 20}, {A: DESK})), UNKNOWN))

    assert (place.offset, place.end, place.lag, place.owner) == (20, 30, 10, DESK)


def test_only_markers_left_is_no_lag() -> None:
    place = only_place(book().fold(reading(10, {A: 30}, group({A: 29}, {A: DESK})), Log()))

    assert (place.lag, place.lag_seconds, place.age_seconds) == (0, 0.0, 0.0)


def test_the_age_is_that_of_the_next_unread_record() -> None:
    log = Log({(A, 20): Unread(21, 4_000)})

    place = only_place(book().fold(reading(10.0, {A: 30}, group({A: 20}, {A: DESK})), log))

    assert (place.lag, place.age_seconds) == (10, 6.0)


def test_a_group_that_never_committed_has_everything_unread() -> None:
    found = only_group(book().fold(reading(10, {A: 30, B: 0}, group({}, {A: DESK, B: DESK}), begins={A: 12}), UNKNOWN))

    assert [(place.offset, place.lag) for place in found.places] == [(None, 18), (None, 0)]
    assert found.uncommitted == 1


def test_a_partition_that_nobody_owns_and_nobody_committed_is_shown_all_the_same() -> None:
    found = only_group(book().fold(reading(10, {A: 30, B: 7}, group({A: 30}, {A: DESK})), UNKNOWN))

    assert [(place.partition, place.offset, place.lag) for place in found.places] == [(0, 30, 0), (1, None, 7)]


def test_records_that_retention_took_before_they_were_read_are_counted_lost() -> None:
    place = only_place(book().fold(reading(10, {A: 30}, group({A: 5}, {A: DESK}), begins={A: 12}), UNKNOWN))

    assert (place.lost, place.lag) == (7, 18)


def test_retention_that_comes_near_is_told_in_seconds() -> None:
    log = Log({(A, 20): Unread(20, 1_000)})

    limited = only_place(book(60_000).fold(reading(31.0, {A: 30}, group({A: 20}, {A: DESK})), log))
    kept_for_ever = only_place(book(None).fold(reading(31.0, {A: 30}, group({A: 20}, {A: DESK})), log))

    assert limited.retention_left == 30.0
    assert kept_for_ever.retention_left is None


def test_a_deleted_group_is_told_of_for_an_hour_and_has_no_lag() -> None:
    lag = book()
    lag.fold(reading(10, {A: 30}, group({A: 20}, {})), UNKNOWN)

    missing = lag.fold(reading(15, {A: 30}), UNKNOWN)  # as in the first moments of a broker that was restarted
    gone = lag.fold(reading(20, {A: 30}), UNKNOWN)
    forgotten = lag.fold(reading(20 + 3600, {A: 30}), UNKNOWN)

    assert (missing.groups, missing.gone) == ((), {})
    assert (gone.groups, gone.gone) == ((), {"desk": 20})
    assert forgotten.gone == {}


def test_a_group_that_comes_back_is_not_gone() -> None:
    lag = book()
    for groups in ([group({A: 20}, {})], [], [group({A: 20}, {})]):
        report = lag.fold(reading(10, {A: 30}, *groups), UNKNOWN)

    assert report.gone == {}
    assert only_place(report).verdict is Verdict.OK


def test_an_owned_partition_that_stands_is_stalled_and_says_since_when() -> None:
    lag = book()
    lag.fold(reading(0, {A: 20}, group({A: 19}, {A: DESK})), UNKNOWN)

    for at in range(5, 5 + 5 * WINDOW, 5):
        report = lag.fold(reading(at, {A: 20 + at}, group({A: 20}, {A: DESK})), UNKNOWN)

    assert only_group(report).verdict is Verdict.STALL
    assert only_place(report).moved_at == 5


def test_a_group_of_the_newer_protocol_is_stalled_rather_than_stopped() -> None:
    lag = book()
    for at in range(COMPLETE):
        report = lag.fold(reading(at, {A: 30 + at}, group({A: 20}, None)), UNKNOWN)

    assert only_group(report).verdict is Verdict.STALL
    assert only_group(report).members == ()


def test_a_group_without_members_is_stopped() -> None:
    lag = book()
    for at in range(COMPLETE):
        report = lag.fold(reading(at, {A: 30 + at}, group({A: 20}, {})), UNKNOWN)

    assert only_group(report).verdict is Verdict.STOP


def test_behind_since_is_when_it_was_last_up_to_date() -> None:
    lag = book()
    up_to_date = lag.fold(reading(10, {A: 20}, group({A: 20}, {A: DESK})), UNKNOWN)
    behind = lag.fold(reading(15, {A: 21}, group({A: 20}, {A: DESK})), UNKNOWN)
    longer = lag.fold(reading(20, {A: 22}, group({A: 20}, {A: DESK})), UNKNOWN)

    assert only_group(up_to_date).behind_since is None
    assert (only_group(behind).behind_since, only_group(longer).behind_since) == (10, 10)


def test_a_topic_that_is_gone_leaves_its_readers() -> None:
    lag = book()
    lag.fold(reading(10, {A: 20, B: 5}, group({A: 20, B: 5}, {A: DESK, B: DESK})), UNKNOWN)

    report = lag.fold(reading(15, {A: 20}, group({A: 20, B: 5}, {A: DESK})), UNKNOWN)

    assert [place.partition for place in only_group(report).places] == [0]


def test_only_readers_that_have_not_read_all_are_looked_up() -> None:
    asks = list(book().asks(reading(10, {A: 20, B: 5}, group({A: 20, B: 3}, {A: DESK}))))

    assert asks == [(B, 3, 5)]
