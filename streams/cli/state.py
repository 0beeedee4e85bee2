"""`cee state`: whether local stores, their changelog and a fold of all input agree."""

import asyncio
import json

import click

from streams.cli.options import state_dir_option, with_settings
from streams.contract.topics import TopicNames
from streams.settings import Settings


@click.group()
def command() -> None:
    """Look after the state of the workers.

    Example: cee state verify
    """


@command.command()
@with_settings
@state_dir_option
@click.option("--no-fold", is_flag=True, help="Compare stores with the changelog only; the input may be large.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def verify(settings: Settings, *, no_fold: bool, as_json: bool) -> None:
    """Compare this machine's stores with their changelog, and changelog and outputs with a fold of all input.

    The stores may be in use. The fold follows the journal from its start and wants the workers stopped or idle; it
    holds all records in memory. Exit code 1 where anything differs.

    Example: cee state verify --no-fold
    """
    from streams.repair.verification import verify_state  # noqa: PLC0415 - heavy: only this command's own run pays for it

    found = asyncio.run(verify_state(settings, TopicNames(settings.namespace), folds=not no_fold))
    if as_json:
        click.echo(json.dumps(found))
    else:
        for store in found["stores"]:
            said = store["wrong"] or f"{store['keys']} keys as in the changelog up to {store['checkpoint']}"
            click.echo(f"{store['folder']}: {said}")
        if not found["stores"]:
            click.echo("no store of this application is on this machine")
        for line in found["fold"] or ():
            click.echo(line)
    if not found["agrees"]:
        message = "not everything agrees"
        raise click.ClickException(message)
