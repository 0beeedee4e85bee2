"""A life lets go of all that it holds open, also when it is cancelled again while it does."""

import asyncio
from typing import Any, cast

import pytest

from streams.engine.resources import Resources
from streams.engine.surroundings import Progress, Surroundings
from tests.unit.engine.kit import DictStore


class Part:
    """Stands for producer, source, changelog or journal: closing it takes as long as `gate` is shut."""

    def __init__(self, gate: asyncio.Event) -> None:
        self._gate = gate
        self.is_closed = False

    async def close(self) -> None:
        await self._gate.wait()
        self.is_closed = True


class OpenStore(DictStore):
    """Says whether it was closed."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


class Parts:
    """A world of such parts."""

    def __init__(self, shut: str) -> None:
        self.opened = {name: Part(asyncio.Event()) for name in ("transaction", "source", "changelog", "journal")}
        for name, part in self.opened.items():
            if name != shut:
                part._gate.set()

    def __getattr__(self, name: str) -> Any:
        return lambda _partition: self.opened[name]


@pytest.mark.parametrize("shut", ["transaction", "source", "changelog", "journal"])
def test_a_close_that_is_cancelled_while_it_waits_still_closes_the_store_and_all_the_rest(shut: str) -> None:
    async def test() -> None:
        parts, store = Parts(shut), OpenStore()
        around = cast("Surroundings", type("Around", (), {"world": parts}))
        resources = Resources(around, Progress(around, 0))
        resources._store = store

        closing = asyncio.ensure_future(resources.close())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing

        assert store.is_closed
        assert not resources.has_store
        assert [name for name, part in parts.opened.items() if not part.is_closed] == [shut]

    asyncio.run(test())
