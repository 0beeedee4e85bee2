"""What the commands that repair share: which application on which cluster, and how a release is told."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import click

from streams.cli.options import application_option, client_settings, cluster_option, namespace_option
from streams.cli.words import counted
from streams.contract.topics import TopicNames
from streams.engine.held import Answer
from streams.repair.releasing import Released
from streams.repair.resolving import Cluster


def on_the_cluster(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the cluster."""

    @wraps(function)
    def told(bootstrap_servers: str, namespace: str, application: str, **rest: Any) -> None:  # noqa: ANN401 - click gives any
        function(Cluster(bootstrap_servers, TopicNames(namespace), application, client_settings()), **rest)

    return cluster_option(namespace_option(application_option(told)))


def tell_of_release(released: Sequence[Released]) -> None:
    """Say what came of each wish.

    Raises `ClickException` where an account was not released.
    """
    for account, answer, records in released:
        partition = f"partition {account.partition}"
        if answer is Answer.RELEASED:
            click.echo(f"{partition}: the account is released, {counted(records, 'waiting record')} processed")
        elif answer is Answer.NOT_HELD:
            click.echo(f"{partition}: the account is not held, nothing was done")
        elif answer is Answer.STILL_HELD:
            message = (
                f"{partition}: the account stays held after {counted(records, 'record')}, because the program failed "
                "again or a record is gone from its topic: its worker's log says which"
            )
            raise click.ClickException(message)
        else:
            message = (
                f"{partition}: asked, but no worker has answered so far: the wish stands, and whoever owns the "
                "partition follows it; `cee dlq list --reason held` shows what waits"
            )
            raise click.ClickException(message)
