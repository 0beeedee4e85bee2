"""`cee reset`: destroy what the workers made, and let them process the input again from its start."""

import asyncio

import click

from streams.cli.options import state_dir_option, with_settings
from streams.contract.topics import TopicNames
from streams.settings import Settings


@click.command()
@with_settings
@state_dir_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(settings: Settings, *, yes: bool) -> None:
    """Delete state, journal, outputs and dead letters, so that the workers begin anew; the input stays.

    Says what would be lost, and asks for the group's name before it does anything. Centers get all their work again
    from the start, with the same work_id where the rules still say the same. Stop all workers first; stores on other
    machines have to be deleted there. To look at what would change without losing anything use `cee replay`.

    Example: cee reset
    """
    from streams.repair.reset import destroy, look  # noqa: PLC0415 - heavy: only this command's own run pays for it

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
    click.echo("done: the next worker reads the input from its start")
