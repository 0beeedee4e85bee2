"""Topics and accounts as resources of Strimzi, the operator that runs Kafka on Kubernetes.

`deploy/kubernetes/topics.yaml` and `users.yaml` are these texts, and a test holds them to `topics/`. Write them anew
with `python -m streams.contract.strimzi topics > deploy/kubernetes/topics.yaml`, and `users` likewise.
"""

import json
import sys
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from streams.contract.access import Grant, Kind, Pattern, grants
from streams.contract.topics import Topic, load_topics

CLUSTER: Final = "cee"
"""Name of Strimzi's `Kafka` resource that topics and accounts belong to."""
APPLICATION: Final = "cee-placement"
REPLICAS: Final = 3
IN_SYNC: Final = 2

HEAD: Final = "# Written from topics/ by `python -m streams.contract.strimzi {what}`; a test compares.\n"
RESOURCES: Final = {
    Kind.TOPIC: "topic",
    Kind.GROUP: "group",
    Kind.CLUSTER: "cluster",
    Kind.TRANSACTIONAL_ID: "transactionalId",
}


def topics_text() -> str:
    """Return all topics: three copies each, two of which have to be written."""
    return HEAD.format(what="topics") + "".join(_topic(topic) for topic in load_topics())


def users_text() -> str:
    """Return all accounts, each with what it may do; Strimzi makes their passwords."""
    all_grants = sorted(grants(load_topics(), APPLICATION), key=lambda grant: grant.account)
    return HEAD.format(what="users") + "".join(
        _user(account, list(own)) for account, own in groupby(all_grants, key=lambda grant: grant.account)
    )


def _topic(topic: Topic) -> str:
    config = {**topic.config, "min.insync.replicas": str(IN_SYNC)}
    settings = "".join(f"    {name}: {_scalar(value)}\n" for name, value in config.items())
    spec = f"  partitions: {topic.partitions}\n  replicas: {REPLICAS}\n  config:\n{settings}"
    return _resource("KafkaTopic", topic.name) + spec


def _user(account: str, own: list[Grant]) -> str:
    spec = "  authentication:\n    type: scram-sha-512\n  authorization:\n    type: simple\n    acls:\n"
    return _resource("KafkaUser", account) + spec + "".join(_rules(own))


def _rules(own: list[Grant]) -> Iterator[str]:
    """Yield one rule a thing, with all that may be done to it."""

    def thing(grant: Grant) -> tuple[Kind, str, Pattern]:
        return grant.kind, grant.name, grant.pattern

    for (kind, name, pattern), same in groupby(sorted(own, key=thing), key=thing):
        operations = ", ".join("".join(word.title() for word in grant.operation.name.split("_")) for grant in same)
        yield f"      - resource:\n          type: {RESOURCES[kind]}\n"
        if kind is not Kind.CLUSTER:
            pattern_type = "prefix" if pattern is Pattern.PREFIXED else "literal"
            yield f"          name: {_scalar(name)}\n          patternType: {pattern_type}\n"
        yield f"        operations: [{operations}]\n"


def _resource(kind: str, name: str) -> str:
    return (
        f"---\napiVersion: kafka.strimzi.io/v1\nkind: {kind}\nmetadata:\n  name: {name}\n"
        f"  labels:\n    strimzi.io/cluster: {CLUSTER}\nspec:\n"
    )


def _scalar(text: str) -> str:
    """Write a value so that YAML reads what Kafka means: numbers bare, what is no plain word in quotes."""
    is_number = text.removeprefix("-").isdecimal()
    return text if is_number or text.replace("-", "").replace(",", "").isalnum() else json.dumps(text)


if __name__ == "__main__":
    sys.stdout.write({"topics": topics_text, "users": users_text}[sys.argv[1]]())
