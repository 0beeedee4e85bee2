"""The resources for Strimzi say what `topics/` and the access lists say."""

from pathlib import Path

import pytest

from streams.contract import strimzi
from streams.contract.access import grants
from streams.contract.topics import load_topics

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"


@pytest.mark.parametrize(("what", "text"), [("topics", strimzi.topics_text()), ("users", strimzi.users_text())])
def test_the_files_are_what_the_declarations_give(what: str, text: str) -> None:
    assert (FOLDER / f"{what}.yaml").read_text("utf-8") == text, f"python -m streams.contract.strimzi {what} writes it"


def test_every_topic_is_there_once_with_three_copies_two_of_them_written() -> None:
    text = strimzi.topics_text()

    assert text.count("kind: KafkaTopic\n") == text.count("  replicas: 3\n") == len(load_topics())
    assert text.count("    min.insync.replicas: 2\n") == len(load_topics())
    assert "    retention.ms: -1\n" in text


def test_every_grant_is_an_operation_of_its_account() -> None:
    wanted = grants(load_topics(), strimzi.APPLICATION)
    text = strimzi.users_text()
    operations = [line.partition("[")[2].strip("]").split(", ") for line in text.splitlines() if "operations:" in line]

    assert text.count("kind: KafkaUser\n") == len({grant.account for grant in wanted})
    assert sum(map(len, operations)) == len(wanted)
