"""The topic declarations hold together: with each other, with the schemas and with the ten Centers."""

import pytest

from streams.contract._files import contract_directory
from streams.contract.topics import Topic, TopicFileError, TopicNames, center_slugs, load_topics, scaled
from streams.customs.centers import centers

TOPICS = load_topics()
INPUTS = set(TopicNames().sources)


def schema_names() -> set[str]:
    """Return the names of all records with a schema."""
    return {path.parent.name for path in contract_directory("schemas").glob("*/v*.avsc")}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_says_what_it_is_for_who_writes_it_who_reads_it_and_why_it_stays(topic: Topic) -> None:
    assert topic.purpose.endswith(".")
    assert topic.producers
    assert topic.consumers
    assert topic.retention
    assert topic.records or topic.carries


def test_every_record_that_a_topic_names_has_a_schema_and_every_schema_has_a_topic() -> None:
    named = {record for topic in TOPICS for record in topic.records}

    assert named == schema_names()


def test_all_topics_have_one_partition_count_because_a_task_owns_one_number_of_all() -> None:
    assert {topic.partitions for topic in TOPICS} == {12}


def test_the_center_topics_are_those_of_the_ten_centers_in_the_order_of_their_numbers() -> None:
    assert center_slugs() == tuple(center.slug for center in centers())


def test_input_topics_keep_everything_and_are_stamped_by_the_broker() -> None:
    for topic in TOPICS:
        if topic.name in INPUTS:
            assert topic.config["retention.ms"] == "-1", topic.name
            assert topic.config["message.timestamp.type"] == "LogAppendTime", topic.name


def test_a_dead_letter_may_be_larger_than_anything_a_source_takes() -> None:
    largest = max(int(topic.config["max.message.bytes"]) for topic in TOPICS if topic.name in INPUTS)
    dead_letter = next(topic for topic in TOPICS if topic.name == "dead-letter")

    assert int(dead_letter.config["max.message.bytes"]) > largest


def test_sources_and_outputs_together_are_all_topics() -> None:
    names = TopicNames()
    own = {"placement-state", "processing-journal", "dead-letter", "dead-letter-resolution"}

    assert set(names.sources) | set(names.outputs) | own == {topic.name for topic in TOPICS}


def test_a_namespace_is_a_prefix_of_every_topic() -> None:
    assert all(topic.name.startswith("replay-2-") for topic in scaled(TOPICS, namespace="replay-2"))


@pytest.mark.parametrize("namespace", ["Replay", "a.b", "a--b", "-a", "a_b"])
def test_a_namespace_that_metrics_or_kafka_could_not_carry_is_refused(namespace: str) -> None:
    with pytest.raises(TopicFileError, match="lower-case"):
        TopicNames(namespace)
