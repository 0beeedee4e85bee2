"""`cee reset`: destroy what the workers made, and let them process the input again from its start."""

import asyncio
import os
from pathlib import Path

import click

from streams.contract.provision import ClusterError
from streams.contract.topics import TopicFileError, TopicNames
from streams.settings import Settings, SettingsError


@click.command()
@click.option("--bootstrap-servers", help="Kafka's address [KAFKA_BOOTSTRAP_SERVERS; 127.0.0.1:9092].")
@click.option("--namespace", help="Prefix of all topic names [CEE_NAMESPACE].")
@click.option("--state-dir", type=click.Path(path_type=Path), help="Folder of local state [CEE_STATE_DIR; .cee/state].")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(bootstrap_servers: str | None, namespace: str | None, state_dir: Path | None, *, yes: bool) -> None:
    """Delete state, journal, outputs and dead letters, so that the workers begin anew; the input stays.

    Says what would be lost, and asks for the group's name before it does anything. Centers get all their work again
    from the start, with the same work_id where the rules still say the same. Stop all workers first; stores on other
    machines have to be deleted there. To look at what would change without losing anything use `cee replay`.

    Example: cee reset
    """
    from streams.repair.reset import destroy, look  # noqa: PLC0415 - heavy: only this command's own run pays for it

    try:
        settings = Settings.from_environment(
            os.environ, bootstrap_servers=bootstrap_servers, namespace=namespace, state_dir=state_dir
        )
        names, client = TopicNames(settings.namespace), settings.security.client()
        group, folder = names.of(settings.application), settings.state_dir.resolve()
        doomed = asyncio.run(look(settings.bootstrap_servers, names, group, folder, client))
        for topic, records in doomed.topics.items():
            if records:
                click.echo(f"  {topic}: about {records:,} records")
        click.echo(f"  the offsets of the group {group}, and {len(doomed.stores)} local stores")
        if not yes:
            answer = click.prompt(f"All of this will be lost. Type {group} to go on", default="", show_default=False)
            if answer != group:
                message = "nothing was changed"
                raise click.ClickException(message)
        asyncio.run(destroy(settings.bootstrap_servers, names, doomed, client, lambda text: click.echo(text, err=True)))
    except (SettingsError, TopicFileError, ClusterError) as error:
        raise click.ClickException(str(error)) from error
    click.echo("done: the next worker reads the input from its start")
