"""Accounts that are held: what waits, in which order, and what the state knows of it."""

from streams.engine.errors import Halted
from streams.engine.halt import FLOOD, HALT_KEY, PARDON_KEY, RESUME_KEY, encode_halt, encode_resume, recover
from streams.engine.held import Answer, AnswerReader, Blamed, Holds, held_keys, release_wish
from streams.engine.world import Checkpoint
from tests.unit.engine.kit import DictStore, record
from tests.unit.engine.test_decide import Bench, limited

A, B = b"12-3456789", b"98-7654321"
NOWHERE = Checkpoint(0, 0)


def store_with(holds: Holds, store: DictStore | None = None) -> DictStore:
    store = DictStore() if store is None else store
    store.write(holds.taken(), NOWHERE)
    return store


def holding(*keys: bytes) -> Holds:
    holds = Holds({}, ())
    for key in keys:
        holds.hold(Blamed(key, "event", 7, "ZeroDivisionError"))
    return holds


def test_only_the_key_to_blame_is_held() -> None:
    holds = holding(A)

    assert (holds.holds(A), holds.holds(B), holds.holds(None)) == (True, False, False)


def test_the_next_owner_knows_who_is_held_and_who_waits_where() -> None:
    holds = holding(A, B)
    for offset in (7, 9):
        holds.wait(record(offset, key=A))
    store = store_with(holds)

    again = Holds.read(store)

    assert again.by_key == holds.by_key
    assert sorted(held_keys(store.data)) == [A, B]
    assert again.waiting(store, A, 10) == [("event", 7), ("event", 9)]
    assert again.waiting(store, A, 1) == [("event", 7)]
    assert again.waiting(store, B, 10) == []


def test_a_held_key_is_free_once_all_that_waited_was_processed_and_leaves_nothing_behind() -> None:
    holds = holding(A)
    for offset in (7, 9, 12):
        holds.wait(record(offset, key=A))
    store = store_with(holds)
    store.write([release_wish(A)], NOWHERE)
    holds = Holds.read(store)
    assert holds.wishes == (A,)

    holds.processed(A, 2)
    store_with(holds, store)
    assert Holds.read(store).waiting(store, A, 10) == [("event", 12)]
    holds.processed(A, 1)
    store_with(holds, store)

    assert store.data == {}
    assert not holds.holds(A)


def test_a_release_that_fails_leaves_the_account_held_and_takes_the_wish_back() -> None:
    holds = holding(A)
    holds.wait(record(7, key=A))
    store = store_with(holds)
    store.write([release_wish(A)], NOWHERE)
    holds = Holds.read(store)

    holds.hold(Blamed(A, "event", 7, "KeyError"))
    store_with(holds, store)

    again = Holds.read(store)
    assert (again.holds(A), again.wishes) == (True, ())
    assert again.waiting(store, A, 10) == [("event", 7)]
    assert again.by_key[A].blamed.cause == "KeyError"


def test_who_asked_learns_what_became_of_the_wish_and_how_much_was_processed() -> None:
    released, failed, unknown = holding(A, B), holding(A, B), holding(B)
    for offset in (7, 9, 12):
        released.wait(record(offset, key=A))
        failed.wait(record(offset, key=A))
    for holds in (released, failed, unknown):
        holds.taken()
    asked = [release_wish(A), release_wish(B)]

    released.processed(A, 2)
    reader = AnswerReader(A)
    assert reader.take([*asked, *released.taken()]) is None
    released.refuse(B)
    assert reader.take(released.taken()) is None
    released.processed(A, 1)
    assert (reader.take(released.taken()), reader.processed) == (Answer.RELEASED, 3)

    failed.processed(A, 1)
    failed.hold(Blamed(A, "event", 9, "KeyError"))
    reader = AnswerReader(A)
    assert (reader.take([*asked, *failed.taken()]), reader.processed) == (Answer.STILL_HELD, 1)
    failed.keep(A)
    assert AnswerReader(A).take(failed.taken()) is Answer.STILL_HELD

    unknown.refuse(A)
    assert AnswerReader(A).take([*asked, *unknown.taken()]) is Answer.NOT_HELD


def test_records_of_a_held_account_become_dead_letters_in_their_order_and_others_are_decided() -> None:
    bench = Bench()
    bench.decider.holds = holding(A)

    decision = bench.decide(record(7, b"a", key=A), record(8, b"b", key=B), record(9, b"c", key=A))

    assert (decision.outcomes, decision.dead_letters) == ({"echoed": 1}, {"held": 2})
    sent = [(topic, key, value) for topic, _, (key, value, _) in bench.out.items]
    assert sent == [(bench.config.dead_letter, A, b"a"), ("ledger", B, b"b"), (bench.config.dead_letter, A, b"c")]


def test_who_waits_counts_against_no_limit_of_dead_letters() -> None:
    bench = limited(max_consecutive=1, max_share=0.0, min_records=1)
    bench.decider.holds = holding(A)

    decision = bench.decide(*(record(7 + n, b"a", key=A) for n in range(5)))

    assert (decision.dead, decision.dead_letters) == (0, {"held": 5})


def test_after_a_flood_one_word_lets_all_pass_that_was_there_and_no_more() -> None:
    halt = Halted(FLOOD, "501 in a row", "look at them", topic="event", offset=500, durable=True)
    recovery = recover(DictStore({HALT_KEY: encode_halt(halt), RESUME_KEY: encode_resume(None)}), {"event": 900})
    assert dict(recovery.changes)[PARDON_KEY] == b'{"event":900}'
    bench = limited(max_consecutive=3, max_share=1.0)
    bench.decider.pardoned = recovery.pardoned

    assert bench.decide(*(record(n, b"bad") for n in range(896, 903))).run_at_end == 3


def test_a_pardon_survives_its_owner_and_another_halt_gives_none() -> None:
    assert recover(DictStore({PARDON_KEY: b'{"event":900}'}), {"event": 950}).pardoned == {"event": 900}
    halt = Halted("unexpected-exception", "it failed", "mend it", topic="event", offset=5, durable=True)
    store = DictStore({HALT_KEY: encode_halt(halt), RESUME_KEY: encode_resume(None)})
    assert recover(store, {"event": 950}).pardoned == {}
