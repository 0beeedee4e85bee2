"""What a page shows of an importer: its placement, and how it came to it."""

import asyncio
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final, Self

import pytest
from aiokafka import TopicPartition

from streams.contract.codec import Codec
from streams.contract.keys import partition_for
from streams.contract.topics import TopicNames
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.engine.api import SourceRecord
from streams.ops.importers import Importers, Place
from streams.ops.pages import Pages
from tests.contract.examples import EXAMPLES

PARTITIONS: Final = 12
BASE: Final = "98-7654321"
NUMBER: Final = "98-765432100"
JOINED: Final = "12-3456789"
CHANGED: Final = next(one.model for one in EXAMPLES if (one.record, one.name) == ("placement_change", "changed"))


def change(account: str, base: str) -> SourceRecord:
    """Return a change of an account's placement as its task publishes it: in the partition of its numbers' base."""
    value = Codec().encode("placement_change", {**CHANGED.to_fields(), "account_key": account})
    partition = partition_for(base.encode(), PARTITIONS)
    return SourceRecord("placement-change", partition, 0, 0, account.encode(), value, ())


class Reader:
    """Stands for a consumer of one partition of the log of changes."""

    log: tuple[SourceRecord, ...] = ()

    def __init__(self, **_: object) -> None:
        self._at = 0

    async def start(self) -> Self:
        return self

    async def stop(self) -> None:
        """Nothing is open."""

    def assign(self, places: list[TopicPartition]) -> None:
        [place] = places
        self._records = [record for record in self.log if record.partition == place.partition]

    def seek(self, _place: TopicPartition, offset: int) -> None:
        self._at = offset

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, 0)

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, len(self._records))

    async def position(self, _place: TopicPartition) -> int:
        return self._at

    async def getmany(self, **_: object) -> Mapping[TopicPartition, list[SimpleNamespace]]:
        found, self._at = self._records[self._at :], len(self._records)
        shown = [SimpleNamespace(key=one.key, value=one.value, timestamp=0) for one in found]
        return {TopicPartition("placement-change", found[0].partition): shown} if found else {}


@pytest.fixture
def importers(monkeypatch: pytest.MonkeyPatch) -> Importers:
    """Return look-ups whose log has one change of each of three accounts."""
    monkeypatch.setattr("streams.ops.importers.AIOKafkaConsumer", Reader)
    monkeypatch.setattr(Reader, "log", (change(BASE, BASE), change(JOINED, JOINED), change(NUMBER, BASE)))
    rules = PlacementRules(PlacementPolicy(), published_coverage())
    engine: Any = None
    return Importers(engine, rules, Place(TopicNames(), PARTITIONS, {}, Codec()), "127.0.0.1:1")


@pytest.mark.parametrize("account", [BASE, JOINED, NUMBER])
def test_the_history_is_that_of_the_account_itself(importers: Importers, account: str) -> None:
    """Also where each number is an account of its own: it lies in the partition of its base, under its whole number."""
    assert [found["account_key"] for found in asyncio.run(importers.history(account))] == [account]


def test_a_number_that_joined_another_account_is_shown_with_the_history_of_that_account(
    importers: Importers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was the history of the account that it had left."""
    monkeypatch.setattr(importers, "here", lambda _: (200, {"account_key": JOINED}))
    request = SimpleNamespace(headers={"Host": "127.0.0.1"})
    handlers: dict[str, Any] = {}

    class Web:
        blueprints: object = None

    class App:
        web = Web()

        def page(self, path: str, *, name: str) -> Any:
            assert name
            return lambda handler: handlers.setdefault(path, handler)

    app: Any = App()
    operations: Any = None
    Pages(operations, importers, "").mount(app)

    answer = asyncio.run(handlers["/api/importer/{importer}"](None, request, importer=NUMBER))

    assert [found["account_key"] for found in json.loads(answer.text)["changes"]] == [JOINED]
