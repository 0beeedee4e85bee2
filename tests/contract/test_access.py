"""The access lists follow from the topic files: everyone reads and writes what is theirs, and nothing else."""

from dataclasses import replace

import pytest

from streams.contract.access import Grant, Kind, Operation, Pattern, grants
from streams.contract.topics import TopicFileError, TopicNames, center_slugs, load_topics, scaled

APPLICATION = "cee-placement"
GRANTS = grants(load_topics(), APPLICATION)


def topics_of(account: str, operation: Operation) -> set[str]:
    return {grant.name for grant in GRANTS if grant[:3] == (account, operation, Kind.TOPIC)}


def test_a_port_system_writes_entry_events_and_reads_only_what_was_refused() -> None:
    assert topics_of("port-systems", Operation.WRITE) == {"entry-summary-event"}
    assert topics_of("port-systems", Operation.READ) == {"event-refusal"}


@pytest.mark.parametrize("slug", center_slugs())
def test_a_center_reads_its_own_work_and_writes_its_own_decisions_and_no_other_s(slug: str) -> None:
    account = f"center-{slug}"

    assert topics_of(account, Operation.WRITE) == {f"center-decision-{slug}"}
    assert topics_of(account, Operation.READ) == {
        f"center-work-{slug}", f"center-case-{slug}", "event-refusal", "importer-placement"
    }  # fmt: skip


def test_the_worker_reads_its_sources_and_writes_its_outputs_and_may_create_nothing() -> None:
    names = TopicNames()
    own = {"placement-state", "processing-journal", "dead-letter"}

    assert topics_of("cee-worker", Operation.WRITE) == {*names.outputs, *own}
    assert topics_of("cee-worker", Operation.READ) >= {*names.sources, "placement-state", "processing-journal"}
    assert {grant.operation for grant in GRANTS} == set(Operation)


def test_nobody_but_the_worker_and_operations_may_use_its_transactions_and_its_group() -> None:
    about = [grant for grant in GRANTS if grant.name.startswith(APPLICATION)]

    assert {grant.account for grant in about} == {"cee-worker", "operations"}
    assert all(grant.pattern is Pattern.PREFIXED for grant in about)


def test_a_namespace_has_access_lists_of_its_own() -> None:
    shadow = grants(scaled(load_topics(), namespace="replay-2"), f"replay-2-{APPLICATION}")

    named = [grant.name for grant in shadow if grant.kind is Kind.TOPIC]
    assert all(name.startswith("replay-2-") for name in named)


def test_somebody_without_an_account_is_named_with_the_file() -> None:
    topic = replace(load_topics()[0], producers=("nobody known",))

    with pytest.raises(TopicFileError, match=f"{topic.family}.toml: 'nobody known' has no account in accounts.toml"):
        grants([topic], APPLICATION)


def test_a_grant_reads_as_kafka_s_own_tool_takes_it() -> None:
    grant = Grant("center-electronics", Operation.READ, Kind.GROUP, "electronics", Pattern.PREFIXED)

    assert str(grant) == (
        "--add --allow-principal User:center-electronics --operation Read --group 'electronics' "
        "--resource-pattern-type prefixed"
    )
    assert str(Grant("w", Operation.DESCRIBE, Kind.CLUSTER, "kafka-cluster")).endswith("--operation Describe --cluster")
