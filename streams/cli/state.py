"""`cee state`: whether local stores, their changelog and a fold of all input agree."""

import asyncio
import json
import os
from pathlib import Path

import click

from streams.cli.options import namespace_option
from streams.contract.errors import RegistryError
from streams.contract.provision import ClusterError
from streams.contract.topics import TopicFileError, TopicNames
from streams.settings import Settings, SettingsError


@click.group()
def command() -> None:
    """Look after the state of the workers.

    Example: cee state verify
    """


@command.command()
@click.option("--bootstrap-servers", help="Kafka's address [KAFKA_BOOTSTRAP_SERVERS; 127.0.0.1:9092].")
@namespace_option
@click.option("--state-dir", type=click.Path(path_type=Path), help="Folder of local state [CEE_STATE_DIR; .cee/state].")
@click.option("--no-fold", is_flag=True, help="Compare stores with the changelog only; the input may be large.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def verify(
    bootstrap_servers: str | None, namespace: str, state_dir: Path | None, *, no_fold: bool, as_json: bool
) -> None:
    """Compare this machine's stores with their changelog, and changelog and outputs with a fold of all input.

    The stores may be in use. The fold follows the journal from its start and wants the workers stopped or idle; it
    holds all records in memory. Exit code 1 where anything differs.

    Example: cee state verify --no-fold
    """
    from streams.repair.verification import verify_state  # noqa: PLC0415 - heavy: only this command's own run pays for it

    try:
        settings = Settings.from_environment(
            os.environ, bootstrap_servers=bootstrap_servers, namespace=namespace, state_dir=state_dir
        )
        found = asyncio.run(verify_state(settings, TopicNames(settings.namespace), folds=not no_fold))
    except (SettingsError, TopicFileError, ClusterError, RegistryError) as error:
        raise click.ClickException(str(error)) from error
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
