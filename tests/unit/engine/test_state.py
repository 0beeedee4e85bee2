"""The overlay of changes above cache and store."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.engine.api import Table
from streams.engine.cache import ABSENT, MISS, CachedTable, ValueCache
from streams.engine.errors import OversizedRecord
from streams.engine.fold import FoldState
from streams.engine.state import OverlayState, after_prefix
from streams.engine.world import Checkpoint
from tests.unit.engine.kit import DictStore

NUMBERS: Table[int] = Table(b"n/", lambda value: b"%d" % value, int)
OTHERS: Table[int] = Table(b"o/", lambda value: b"%d" % value, int)


def state_over(store: DictStore, capacity: int = 4) -> OverlayState:
    return OverlayState(store, ValueCache(capacity))


def test_a_value_is_read_from_the_store_once() -> None:
    store = DictStore({b"n/a": b"1"})
    state = state_over(store)

    assert [state.get(NUMBERS, b"a"), state.get(NUMBERS, b"a")] == [1, 1]
    assert store.reads == 1


def test_an_absent_key_is_asked_for_once() -> None:
    store = DictStore()
    state = state_over(store)

    assert [state.get(NUMBERS, b"a"), state.get(NUMBERS, b"a")] == [None, None]
    assert store.reads == 1


def test_own_changes_are_seen_before_they_are_committed() -> None:
    state = state_over(DictStore({b"n/a": b"1", b"n/b": b"2"}))

    state.put(NUMBERS, b"a", 10)
    state.delete(NUMBERS, b"b")

    assert state.get(NUMBERS, b"a") == 10
    assert state.get(NUMBERS, b"b") is None
    assert list(state.scan(NUMBERS)) == [(b"a", 10)]


def test_rolling_back_takes_back_only_what_came_after_the_savepoint() -> None:
    state = state_over(DictStore({b"n/a": b"1", b"n/b": b"2"}))
    state.put(NUMBERS, b"a", 10)
    state.savepoint()

    state.put(NUMBERS, b"a", 11)
    state.put(NUMBERS, b"a", 12)
    state.delete(NUMBERS, b"b")
    state.put(NUMBERS, b"c", 3)
    state.rollback()

    assert [state.get(NUMBERS, key) for key in (b"a", b"b", b"c")] == [10, 2, None]
    assert list(state.scan(NUMBERS)) == [(b"a", 10), (b"b", 2)]


def test_a_scan_shows_the_state_as_it_was_when_it_began() -> None:
    state = state_over(DictStore({b"n/a": b"1", b"n/c": b"3"}))
    state.put(NUMBERS, b"b", 2)

    scan = state.scan(NUMBERS)
    seen = [next(scan)]
    state.delete(NUMBERS, b"b")
    state.put(NUMBERS, b"d", 4)
    seen.extend(scan)

    assert seen == [(b"a", 1), (b"b", 2), (b"c", 3)]
    assert [key for key, _ in state.scan(NUMBERS)] == [b"a", b"c", b"d"]


def test_a_scan_keeps_to_its_bounds_and_its_table() -> None:
    state = state_over(DictStore({b"n/a": b"1", b"n/b": b"2", b"n/c": b"3", b"o/b": b"9"}))
    state.put(NUMBERS, b"bb", 22)
    state.put(OTHERS, b"a", 8)

    assert list(state.scan(NUMBERS, b"b", b"c")) == [(b"b", 2), (b"bb", 22)]
    assert list(state.scan(OTHERS)) == [(b"a", 8), (b"b", 9)]


def test_changes_are_encoded_table_by_table() -> None:
    state = state_over(DictStore())
    state.put(NUMBERS, b"b", 1)
    state.put(OTHERS, b"a", 2)
    state.put(NUMBERS, b"a", 3)

    assert state.encoded(100) == [(b"n/b", b"1"), (b"n/a", b"3"), (b"o/a", b"2")]


def test_each_changed_value_is_encoded_once_and_in_order_of_first_change() -> None:
    encoded = []

    def dump(value: int) -> bytes:
        encoded.append(value)
        return b"%d" % value

    table: Table[int] = Table(b"n/", dump, int)
    state = state_over(DictStore())
    state.put(table, b"b", 1)
    state.put(table, b"a", 2)
    state.put(table, b"b", 3)
    state.delete(table, b"c")

    assert state.encoded(100) == [(b"n/b", b"3"), (b"n/a", b"2"), (b"n/c", None)]
    assert encoded == [3, 2]


@pytest.mark.parametrize(("size", "fits"), [(7, True), (8, False)])
def test_a_key_and_value_may_have_the_limit_in_bytes_but_not_one_more(size: int, fits: bool) -> None:  # noqa: FBT001 - a case table
    table: Table[bytes] = Table(b"n/", bytes, bytes)
    state = state_over(DictStore())
    state.put(table, b"a", b"x" * size)

    if fits:
        assert state.encoded(10) == [(b"n/a", b"x" * size)]
    else:
        with pytest.raises(OversizedRecord, match="limit is 10"):
            state.encoded(10)


def test_after_a_commit_the_new_values_come_from_the_cache() -> None:
    store = DictStore()
    state = state_over(store)
    state.put(NUMBERS, b"a", 1)
    store.write(state.encoded(100), Checkpoint(1, 0))
    state.accept()

    assert state.get(NUMBERS, b"a") == 1
    assert store.reads == 0
    assert not state.is_changed


def test_what_was_removed_takes_no_place_in_the_cache_and_does_not_come_back_out_of_it() -> None:
    cache, table, other = _cache_of_two(4)
    cache.put(table, b"a", 1)
    cache.put_all(other, {b"b": 2})  # a full young generation: the next one makes it the old one
    cache.put_all(other, {b"c": 3})
    cache.put_all(table, {b"a": ABSENT, b"new and gone": ABSENT})

    assert cache.get(table, b"a") is MISS
    assert cache.get(table, b"new and gone") is MISS
    assert len(cache) == 2


def test_after_a_failure_nothing_is_left_of_changes_and_cache() -> None:
    store = DictStore({b"n/a": b"1"})
    state = state_over(store)
    state.get(NUMBERS, b"a")
    state.put(NUMBERS, b"a", 2)

    state.drop()
    store.data[b"n/a"] = b"3"

    assert state.get(NUMBERS, b"a") == 3


@pytest.mark.parametrize(("prefix", "after"), [(b"n/", b"n0"), (b"a\xff", b"b"), (b"\xff\xff", None), (b"", None)])
def test_the_key_after_a_prefix_is_greater_than_all_with_it(prefix: bytes, after: bytes | None) -> None:
    assert after_prefix(prefix) == after


_LISTED: Table[int] = Table(b"p/", lambda value: b"%d" % value, int, is_cached=False)
_KEYS = st.sampled_from([b"a", b"ab", b"b", b"c", b"\xff"])
_TABLES = st.sampled_from([NUMBERS, OTHERS, _LISTED])
_STEPS = st.one_of(
    st.tuples(st.just("put"), _TABLES, _KEYS, st.integers(0, 99)),
    st.tuples(st.just("delete"), _TABLES, _KEYS, st.just(0)),
    st.tuples(st.sampled_from(["scan", "savepoint", "rollback", "commit"]), _TABLES, _KEYS, st.just(0)),
)


@given(st.lists(_STEPS, max_size=40))
def test_it_behaves_as_a_plain_dictionary_whatever_is_done(steps: list[tuple[str, Table[int], bytes, int]]) -> None:
    store = DictStore()
    state, plain = state_over(store), FoldState()
    for verb, table, key, value in steps:
        if verb == "put":
            state.put(table, key, value)
            plain.put(table, key, value)
        elif verb == "delete":
            state.delete(table, key)
            plain.delete(table, key)
        elif verb == "scan":
            assert list(state.scan(table, key)) == list(plain.scan(table, key))
        elif verb == "rollback":
            state.rollback()
            plain.undo()
        elif verb == "savepoint":
            state.savepoint()
            plain.keep()
        else:
            _commit(state, store)
            plain.keep()
        assert state.get(table, key) == plain.get(table, key)
    for table in (NUMBERS, OTHERS, _LISTED):
        assert list(state.scan(table)) == list(plain.scan(table))


def _commit(state: OverlayState, store: DictStore) -> None:
    store.write(state.encoded(100), Checkpoint(1, 0))
    state.accept()


def test_the_cache_keeps_what_is_in_use_and_stays_within_its_bound() -> None:
    cache, table, other = _cache_of_two(10)
    cache.put(table, b"used", 1)
    peek: Callable[[], object] = lambda: cache.get(table, b"used")  # noqa: E731 - asked for again and again
    for number in range(100):
        cache.put(other, b"%d" % number, number)
        assert peek() == 1

    assert len(cache) <= 11


def test_what_one_transaction_changed_is_cached_at_once_and_goes_when_it_is_not_used() -> None:
    cache, table, other = _cache_of_two(10)
    cache.put_all(table, {b"%d" % number: number for number in range(50)})

    assert cache.get(table, b"49") == 49

    for round_ in range(2):
        cache.put_all(other, {b"%d/%d" % (round_, number): number for number in range(5)})
    assert len(cache) <= 10


def test_a_value_that_every_transaction_changes_takes_one_place() -> None:
    cache, table, other = _cache_of_two(10)
    cache.put(other, b"asked for once", 1)
    for number in range(100):
        cache.put_all(table, {b"changed": number})

    assert cache.get(other, b"asked for once") == 1


def test_the_values_of_a_table_that_is_not_cached_come_from_the_store_every_time() -> None:
    listed: Table[int] = Table(b"n/", lambda value: b"%d" % value, int, is_cached=False)
    store = DictStore({b"n/a": b"1"})
    state = state_over(store)

    assert [state.get(listed, b"a"), state.get(listed, b"a"), store.reads] == [1, 1, 2]

    state.put(listed, b"a", 2)
    _commit(state, store)
    store.data[b"n/a"] = b"3"

    assert state.get(listed, b"a") == 3
    assert list(state.scan(listed)) == [(b"a", 3)]


def _cache_of_two(capacity: int) -> tuple[ValueCache, CachedTable, CachedTable]:
    cache, tables = ValueCache(capacity), (CachedTable(), CachedTable())
    for table in tables:
        cache.add(table)
    return cache, *tables
