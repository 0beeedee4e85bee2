"""What a start does about a halt and a wish to go on."""

import pytest

from streams.engine.errors import Halted
from streams.engine.halt import (
    HALT_KEY,
    RESUME_KEY,
    SKIP_KEY,
    Recovery,
    decode_halt,
    decode_skip,
    encode_halt,
    encode_resume,
    encode_skip,
    recover,
)
from tests.unit.engine.kit import DictStore

HALT = Halted("unexpected-exception", "it failed", "mend it", topic="event", offset=7, durable=True)


def test_a_halt_survives_encoding() -> None:
    again = decode_halt(encode_halt(HALT))

    assert vars(again) == vars(HALT)


def test_a_halted_partition_stays_halted_under_its_next_owner() -> None:
    with pytest.raises(Halted, match="it failed"):
        recover(DictStore({HALT_KEY: encode_halt(HALT)}), {})


def test_resuming_removes_the_halt_and_the_wish() -> None:
    recovery = recover(DictStore({HALT_KEY: encode_halt(HALT), RESUME_KEY: encode_resume(None)}), {})

    assert recovery.resumed
    assert dict(recovery.changes) == {HALT_KEY: None, RESUME_KEY: None}
    assert recovery.condemned == frozenset()


def test_resuming_with_the_halted_offset_condemns_that_record_until_it_is_buried() -> None:
    recovery = recover(DictStore({HALT_KEY: encode_halt(HALT), RESUME_KEY: encode_resume(7)}), {})

    assert recovery.condemned == {("event", 7)}
    assert dict(recovery.changes)[SKIP_KEY] == encode_skip(frozenset({("event", 7)}))


def test_records_condemned_earlier_stay_so() -> None:
    earlier = encode_skip(frozenset({("decision", 2)}))
    assert earlier is not None
    store = DictStore({HALT_KEY: encode_halt(HALT), RESUME_KEY: encode_resume(7), SKIP_KEY: earlier})

    assert recover(store, {}).condemned == {("decision", 2), ("event", 7)}


def test_resuming_with_another_offset_leaves_it_halted_and_says_why() -> None:
    with pytest.raises(Halted, match=r"asked to resume with offset 8 .* stands at event offset 7"):
        recover(DictStore({HALT_KEY: encode_halt(HALT), RESUME_KEY: encode_resume(8)}), {})


def test_a_wish_to_resume_what_is_not_halted_is_forgotten() -> None:
    recovery = recover(DictStore({RESUME_KEY: encode_resume(None)}), {})

    assert recovery == Recovery([(RESUME_KEY, None)], frozenset(), resumed=False, pardoned={})


def test_nothing_to_skip_is_no_value_at_all() -> None:
    assert encode_skip(frozenset()) is None
    assert decode_skip(None) == frozenset()
