"""`cee topics`: create, check or list the topics that `topics/*.toml` declare."""

import asyncio
import json
import shutil
import sys
from collections.abc import Callable
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from streams.cli.options import application_option, client_settings, cluster_option, namespace_option
from streams.cli.words import counted
from streams.contract.access import apply_grants, grants
from streams.contract.provision import apply_topics, check_topics
from streams.contract.topics import Topic, TopicNames, load_topics, scaled


def _cluster_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name the cluster and the topics' variant."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output."),
        click.option("--partitions", type=click.IntRange(1), help="Partitions of every topic [default: as declared]."),
        namespace_option,
        cluster_option,
    ):
        function = option(function)
    return function


@click.group()
def command() -> None:
    """Create, check or list the topics.

    Example: cee topics apply --bootstrap-servers 127.0.0.1:9092
    """


@command.command()
@_cluster_options
@click.option("--replication", type=click.IntRange(1), default=1, show_default=True, help="Replicas of new topics.")
def apply(bootstrap_servers: str, namespace: str, partitions: int | None, replication: int, *, as_json: bool) -> None:
    """Create what is missing and set what differs; never change a partition count in place.

    Example: cee topics apply --replication 3
    """
    topics, client = _topics(namespace, partitions), client_settings()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("Creating topics", total=None)

        def show(done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total)

        changes = asyncio.run(
            apply_topics(bootstrap_servers, topics, replication=replication, progress=show, client=client)
        )
        left = [drift for drift in asyncio.run(check_topics(bootstrap_servers, topics, client)) if not drift.mends]
    if as_json:
        click.echo(json.dumps({"changes": changes, "left": [f"{drift.topic} {drift.what}" for drift in left]}))
    else:
        for line in changes or ([] if left else ["nothing to do: all topics are as declared"]):
            click.echo(line)
    if left:
        message = f"{left[0].topic} {left[0].what}" + (f" (and {len(left) - 1} more)" if len(left) > 1 else "")
        raise click.ClickException(message)


@command.command()
@_cluster_options
def check(bootstrap_servers: str, namespace: str, partitions: int | None, *, as_json: bool) -> None:
    """Compare the cluster with the declarations; exit code 1 where they differ.

    Example: cee topics check --json
    """
    found = asyncio.run(check_topics(bootstrap_servers, _topics(namespace, partitions), client_settings()))
    if as_json:
        click.echo(json.dumps({"drift": [{"topic": drift.topic, "what": drift.what} for drift in found]}))
    else:
        for drift in found:
            click.echo(f"{drift.topic} {drift.what}")
        if not found:
            click.echo("all topics are as declared")
    if found:
        click.get_current_context().exit(1)


@command.command()
@cluster_option
@namespace_option
@application_option
@click.option("--apply", "is_applied", is_flag=True, help="Add them to the cluster; the account must have that right.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def acls(bootstrap_servers: str, namespace: str, application: str, *, is_applied: bool, as_json: bool) -> None:
    """Show the access lists that follow from the topic files, or add them to the cluster.

    Each line is what Kafka's own kafka-acls.sh takes. topics/accounts.toml says who uses which account.

    Example: cee topics acls --apply
    """
    wanted = grants(_topics(namespace, None), TopicNames(namespace).of(application))
    if is_applied:
        asyncio.run(apply_grants(bootstrap_servers, wanted, client_settings()))
    if as_json:
        named = [
            {
                "account": grant.account,
                "operation": grant.operation.name,
                "kind": grant.kind.name,
                "name": grant.name,
                "pattern": grant.pattern.name,
            }
            for grant in wanted
        ]
        click.echo(json.dumps({"applied": is_applied, "grants": named}))
        return
    for grant in wanted:
        click.echo(str(grant))
    if is_applied:
        click.echo(f"{len(wanted)} grants are in force", err=True)


@command.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array on standard output.")
@namespace_option
def list_(namespace: str, *, as_json: bool) -> None:
    """List the declared topics with purpose, key and retention; needs no cluster.

    Example: cee topics list
    """
    topics = _topics(namespace, None)
    if as_json:
        click.echo(json.dumps([_as_json(topic) for topic in topics]))
        return
    for topic in topics:
        click.echo(f"{topic.name}, {counted(topic.partitions, 'partition')}")
        for name, words in (("purpose", topic.purpose), ("key", topic.key), ("retention", topic.retention)):
            click.echo(click.wrap_text(words, _width(), f"  {name + ':':<11}", " " * 13))


def _width() -> int:
    """Return how long lines may be; where no person looks, each text is one line."""
    looks = sys.stdout is not None and sys.stdout.isatty()  # None where it was closed
    return shutil.get_terminal_size().columns if looks else sys.maxsize


def _topics(namespace: str, partitions: int | None) -> tuple[Topic, ...]:
    return scaled(load_topics(), namespace=namespace, partitions=partitions)


def _as_json(topic: Topic) -> dict[str, object]:
    return {
        "name": topic.name,
        "purpose": topic.purpose,
        "key": topic.key,
        "partitions": topic.partitions,
        "retention": topic.retention,
        "records": list(topic.records),
        "producers": list(topic.producers),
        "consumers": list(topic.consumers),
        "config": dict(topic.config),
    }
