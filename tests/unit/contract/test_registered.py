"""What is asked of a registry is asked once and in the background; what is missing there is one sentence."""

import threading
from collections.abc import Callable

import pytest

from streams.contract.errors import RegistryError, RegistryUnavailable, SchemaPending
from streams.contract.registered import MOST_PAUSE_SECONDS, UNKNOWN_SECONDS, Patience, SchemaCache, our_ids
from streams.contract.registry import Registry
from streams.contract.schemas import current_schema, record_schemas


class Source:
    """A registry that answers when it is let, and counts how often it is asked."""

    def __init__(self, answer: Callable[[int], str]) -> None:
        self.answer = answer
        self.asked: list[int] = []
        self.gate = threading.Event()
        self.gate.set()

    def fetch(self, schema_id: int) -> str:
        self.gate.wait(20)
        self.asked.append(schema_id)
        return self.answer(schema_id)


def settled(cache: SchemaCache, schema_id: int) -> str:
    """Ask until there is an answer."""
    for thread in threading.enumerate():
        if thread.name == f"schema-{schema_id}":
            thread.join(20)
    return cache(schema_id)


def refuse(error: Exception) -> Callable[[int], str]:
    def answer(_schema_id: int) -> str:
        raise error

    return answer


def test_a_schema_is_fetched_once_by_one_thread_and_nobody_waits_for_it() -> None:
    source = Source(lambda schema_id: f"text of {schema_id}")
    source.gate.clear()
    cache = SchemaCache(source.fetch)

    for _ in range(3):
        with pytest.raises(SchemaPending, match="waiting for schema 7: the registry has not answered yet"):
            cache(7)
    source.gate.set()

    assert settled(cache, 7) == settled(cache, 7) == "text of 7"
    assert source.asked == [7]


def test_an_unknown_id_is_remembered_for_a_while_only() -> None:
    source, now = Source(refuse(KeyError(7))), [100.0]
    cache = SchemaCache(source.fetch, lambda: now[0])
    with pytest.raises(SchemaPending):
        cache(7)

    for _ in range(2):
        with pytest.raises(KeyError):
            settled(cache, 7)
    assert source.asked == [7]
    now[0] += UNKNOWN_SECONDS
    with pytest.raises(SchemaPending):
        cache(7)


def test_a_registry_in_trouble_is_asked_again_and_its_trouble_is_told() -> None:
    source = Source(refuse(RegistryUnavailable("the registry is away")))
    cache = SchemaCache(source.fetch)
    with pytest.raises(SchemaPending):
        cache(7)

    with pytest.raises(SchemaPending, match="the registry is away"):
        settled(cache, 7)
    source.answer = str
    assert settled_at_last(cache, 7) == "7"


def settled_at_last(cache: SchemaCache, schema_id: int) -> str:
    for _ in range(3):
        try:
            return settled(cache, schema_id)
        except SchemaPending:
            continue
    raise AssertionError


class Asked(Registry):
    """A registry that has all of our schemas but some."""

    def __init__(self, *missing: str) -> None:
        super().__init__("http://registry:8080/apis/ccompat/v7")
        self._missing = missing

    def id_of(self, subject: str, schema: str) -> int | None:
        assert f'"name": "{subject.removeprefix("cee.")}"' in schema
        return None if subject in self._missing else len(subject)


def test_our_schemas_are_looked_up_by_the_record_s_full_name() -> None:
    found = our_ids(Asked())

    assert found[current_schema("work_item")] == len("cee.work_item")
    assert len(found) == sum(len(versions) for versions in record_schemas().values())


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (["cee.work_item"], "does not have cee.work_item v1: register with `cee schemas register`"),
        (["cee.claim_filed", "cee.work_item"], "does not have 2 of our schemas (cee.claim_filed v1, ...)"),
    ],
)
def test_a_registry_without_our_subjects_is_refused_in_one_sentence(missing: list[str], said: str) -> None:
    with pytest.raises(RegistryError) as caught:
        our_ids(Asked(*missing))

    assert said in str(caught.value)


def test_patience_grows_and_is_told_after_a_second_and_then_now_and_then() -> None:
    said: list[str] = []
    patience = Patience(said.append)

    pauses = [patience.next("what") for _ in range(14)]

    assert pauses == sorted(pauses)
    assert pauses[-1] == MOST_PAUSE_SECONDS
    assert said == ["what"] * 3
