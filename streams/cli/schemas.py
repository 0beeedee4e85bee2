"""`cee schemas`: bring the schemas into a registry, check it, list them."""

import json

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from streams.cli.options import registry_option
from streams.contract.registration import differences, listing, register_all
from streams.contract.registry import Registry

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")


@click.group()
def command() -> None:
    """Register the schemas in a registry, compare it with them, or list them.

    Subjects are the records' names. Workers, publishers and inboxes never register anything.

    Example: cee schemas register --registry http://127.0.0.1:8080/apis/ccompat/v7
    """


@command.command()
@registry_option
@json_option
def register(registry: str, *, as_json: bool) -> None:
    """Register what is missing, and set each subject's compatibility. May be repeated.

    Example: cee schemas register --registry http://127.0.0.1:8080/apis/ccompat/v7
    """
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("Registering schemas", total=None)
        changes = register_all(_opened(registry), lambda done, total: progress.update(bar, completed=done, total=total))
    if as_json:
        click.echo(json.dumps({"changes": changes}))
        return
    for line in changes or ["nothing to do: all schemas are registered"]:
        click.echo(line)


@command.command()
@registry_option
@json_option
def check(registry: str, *, as_json: bool) -> None:
    """Compare a registry with the schemas; exit code 1 where they differ.

    Example: cee schemas check --registry http://127.0.0.1:8080/apis/ccompat/v7
    """
    found = differences(_opened(registry))
    if as_json:
        click.echo(json.dumps({"differences": found}))
    else:
        for line in found or ["all schemas are registered as they are here"]:
            click.echo(line)
    if found:
        click.get_current_context().exit(1)


@command.command(name="list")
@registry_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array on standard output.")
def list_(registry: str, *, as_json: bool) -> None:
    """List subjects, versions and compatibility, with their ids where a registry is named.

    Example: cee schemas list --json
    """
    listed = listing(_opened(registry) if registry else None)
    if as_json:
        click.echo(json.dumps([one._asdict() for one in listed]))
        return
    table = Table("subject", box=None, pad_edge=False)
    table.add_column("version", justify="right")
    table.add_column("compatibility")
    table.add_column("id", justify="right")
    for one in listed:
        table.add_row(
            one.subject, str(one.version), one.compatibility, "" if one.schema_id is None else str(one.schema_id)
        )
    Console().print(table)


def _opened(address: str) -> Registry:
    if not address:
        message = "name the registry with --registry or SCHEMA_REGISTRY_URL, as http://127.0.0.1:8080/apis/ccompat/v7"
        raise click.UsageError(message)
    return Registry(address)
