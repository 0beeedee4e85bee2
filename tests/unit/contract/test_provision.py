"""Creating topics on a broker that is only just there."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from streams.contract import provision
from streams.contract.provision import ClusterError
from streams.contract.topics import load_topics

FENCED = (38, "Unable to replicate the partition 1 time(s): All brokers are currently fenced.")
TOO_FEW = (38, "The target replication factor of 3 cannot be reached because only 1 broker(s) are registered.")
DONE = (0, None)


class Admin:
    """A broker's answers, one after the other."""

    def __init__(self, *answers: tuple[int, str | None]) -> None:
        self.answers = list(answers)

    async def create_topics(self, wanted: list[Any]) -> Any:
        code, message = self.answers.pop(0)
        errors = [{"topic": one.name, "error_code": code, "error_message": message} for one in wanted]
        return SimpleNamespace(to_object=lambda: {"topic_errors": errors})


def create(admin: Any) -> None:
    asyncio.run(provision._create(admin, load_topics()[:2], 1))


def test_topics_are_created_once_the_broker_takes_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provision, "AGAIN_SECONDS", 0.0)
    admin = Admin(FENCED, FENCED, DONE)

    create(admin)

    assert admin.answers == []


def test_a_broker_that_stays_away_and_one_that_refuses_for_good_are_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ClusterError, match="only 1 broker"):
        create(Admin(TOO_FEW, DONE))
    monkeypatch.setattr(provision, "READY_SECONDS", -1.0)
    with pytest.raises(ClusterError, match="currently fenced"):
        create(Admin(FENCED, DONE))
