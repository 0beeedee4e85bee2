"""`cee rules`: publish dated versions of the rules, and look at what is in force."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.cli.options import client_settings, cluster_option, namespace_option, registry_option
from streams.contract.masking import masked
from streams.contract.topics import TopicNames
from streams.customs.calendar import EPOCH, eastern_day_number
from streams.customs.centers import centers
from streams.customs.importer_number import AccountKey
from streams.customs.rule_book import Adopted, accounts_changed, prefixes_changed, rules_of, switches_changed

if TYPE_CHECKING:
    from streams.customs.policy import PlacementRules
    from streams.ops.published_rules import PublishedRules

_SLUGS: Final = {center.id: center.slug for center in centers()} | {0: "none"}
_SHOWN: Final = 40
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Publish dated versions of the rules (policy, coverage, account table), and look at what is in force.

    Example: cee rules publish 2027-01.toml
    """


@command.command()
@click.argument("file", type=_FILE)
@cluster_option
@registry_option
@namespace_option
@click.option("--dry-run", is_flag=True, help="Only check the file.")
def publish(file: Path, bootstrap_servers: str, registry: str, namespace: str, *, dry_run: bool) -> None:
    """Check the version of the rules in FILE and publish it to every partition.

    All workers change at the same place in their logs. The version begins on its day, later than today; until then it
    can be mended by another one for the same day. The same file published again changes nothing.

    Example: cee rules publish 2027-01.toml
    """
    from streams.cli.rule_file import judged, read_rule_file  # noqa: PLC0415 - pydantic, for this alone

    version = read_rule_file(file)
    judged(version)
    if (version.effective_on - EPOCH).days <= eastern_day_number(int(version.event_time.timestamp() * 1000)):
        message = f"effective_on: {version.effective_on} is not after the day of the announcement"
        raise click.ClickException(message)
    if dry_run:
        click.echo(f"{version.version} is in order; nothing was published")
        return
    asyncio.run(_publish(version, bootstrap_servers, registry, namespace))
    click.echo(f"{version.version} is published to every partition and begins on {version.effective_on}")


async def _publish(version: Any, bootstrap_servers: str, registry: str, namespace: str) -> None:  # noqa: ANN401 - a model, imported when used
    from streams.ports.publisher import Publisher  # noqa: PLC0415 - see above

    async with Publisher(
        bootstrap_servers, namespace=namespace, registry=registry, client=client_settings()
    ) as publisher:
        await publisher.publish(version)


@command.command()
@cluster_option
@registry_option
@namespace_option
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day that is asked about [default: today].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def show(bootstrap_servers: str, registry: str, namespace: str, as_of: datetime | None, *, as_json: bool) -> None:
    """Show the rules that are in force on a day, and every published version.

    Example: cee rules show --as-of 2027-01-01
    """
    published = _read(bootstrap_servers, registry, namespace)
    day = _day(as_of)
    rules = published.rules.at(day)
    shown = _as_json(published, rules, day)
    if as_json:
        click.echo(json.dumps(shown))
    else:
        _print(shown)


@command.command()
@click.argument("before")
@click.argument("after", required=False)
@cluster_option
@registry_option
@namespace_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def diff(  # noqa: PLR0913 - one a command-line option
    before: str, after: str | None, bootstrap_servers: str, registry: str, namespace: str, *, as_json: bool
) -> None:
    """Show what changes from one version to another: BEFORE and AFTER each name a published version or a file.

    With BEFORE alone: from the rules in force on the day before it begins to it. `default` names the rules before any
    version was published.

    Example: cee rules diff 2027-01.toml
    """
    published = _read(bootstrap_servers, registry, namespace)
    if after is None:
        later, begins = _rules_named(before, published)
        earlier = published.rules.at(begins - 1)
    else:
        (earlier, _), (later, _) = _rules_named(before, published), _rules_named(after, published)
    changes = _changes(earlier, later)
    if as_json:
        click.echo(json.dumps(changes))
        return
    for kind, rows in changes.items():
        for name, (old, new) in list(rows.items())[:_SHOWN]:
            click.echo(f"{kind} {name}: {old or 'none'} -> {new or 'none'}")
        if len(rows) > _SHOWN:
            click.echo(f"... and {len(rows) - _SHOWN} more of {kind} (all with --json)")
    if not any(changes.values()):
        click.echo("nothing changes")


def _read(bootstrap_servers: str, registry: str, namespace: str) -> "PublishedRules":
    from streams.ops.published_rules import read_published  # noqa: PLC0415 - the codec, for this alone

    return asyncio.run(read_published(bootstrap_servers, TopicNames(namespace), registry, client_settings()))


def _day(moment: datetime | None) -> int:
    if moment is not None:
        return (moment.date() - EPOCH).days
    return eastern_day_number(int(datetime.now(UTC).timestamp() * 1000))


def _rules_named(name: str, published: "PublishedRules") -> "tuple[PlacementRules, int]":
    """Return the rules as a version makes them, and the day on which it begins."""
    from streams.cli.rule_file import judged, read_rule_file  # noqa: PLC0415 - see above
    from streams.ops.published_rules import original_rules  # noqa: PLC0415 - see above

    if name == "default":
        return original_rules(), 0
    found = next((version for version in published.adopted if version.rules.version == name), None)
    if found is None:
        path = Path(name)
        if not path.is_file():
            known = ", ".join(["default", *(version.rules.version for version in published.adopted)])
            message = f"{name} is neither a published version ({known}) nor a file"
            raise click.ClickException(message)
        rules = judged(read_rule_file(path))
        found = Adopted(rules.effective_day, rules)
    others = [version for version in published.adopted if version.begins <= found.begins and version != found]
    return rules_of(original_rules(), [*others, found]).at(found.begins), found.begins


def _changes(before: "PlacementRules", after: "PlacementRules") -> dict[str, dict[str, tuple[str, str]]]:
    old, new = before.coverage.in_force(before.begins), after.coverage.in_force(after.begins)
    prefixes = prefixes_changed(old, new)
    return {
        "policy": switches_changed(before.policy, after.policy),
        "coverage": {prefix: (_SLUGS[one], _SLUGS[other]) for prefix, (one, other) in prefixes.items()},
        "account of": _shown(accounts_changed(before, after)),
    }


def _shown(accounts: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Return accounts as people may see them: numbers of persons are stars."""
    return {masked(number): (masked(one), masked(other)) for number, (one, other) in accounts.items()}


def _as_json(published: "PublishedRules", rules: "PlacementRules", day: int) -> dict[str, Any]:
    coverage = rules.coverage.in_force(day)
    return {
        "as_of": _dated(day),
        "policy_version": rules.policy.version,
        "policy": {name: " ".join(words) for name, words in rules.policy.as_words().items() if name != "version"},
        "coverage_version": coverage.version,
        "coverage_prefixes": len(coverage.centers),
        "accounts": {masked(number): masked(account) for number, account in sorted(_accounts(rules).items())},
        "versions": [
            {"version": version.rules.version, "begins": _dated(version.begins), "changes": _parts(version)}
            for version in sorted(published.adopted, key=lambda version: version.begins)
        ],
        "refused": list(published.refused),
        "missing": list(published.missing),
    }


def _accounts(rules: "PlacementRules") -> Mapping[str, str]:
    """Return the account table as far as the policy lets it count (P10)."""
    return rules.accounts if rules.policy.account_key is AccountKey.TABLE else {}


def _parts(version: Adopted) -> list[str]:
    parts = {
        "policy": version.rules.policy,
        f"coverage {version.rules.coverage_version}": version.rules.coverage,
        "accounts": version.rules.accounts,
    }
    return [name for name, part in parts.items() if part is not None]


def _dated(day: int) -> str:
    dated: date = EPOCH + timedelta(days=day)
    return dated.isoformat()


def _print(shown: Mapping[str, Any]) -> None:
    console = Console()
    console.print(
        f"In force on {shown['as_of']}: policy [bold]{shown['policy_version']}[/], coverage "
        f"[bold]{shown['coverage_version']}[/] ({shown['coverage_prefixes']} prefixes)",
        highlight=False,
    )
    table = Table("switch", "value", box=None, pad_edge=False)
    for name, value in shown["policy"].items():
        table.add_row(name, value)
    console.print(table)
    if shown["accounts"]:
        accounts = Table("importer number", "account", box=None, pad_edge=False)
        for number, account in list(shown["accounts"].items())[:_SHOWN]:
            accounts.add_row(number, account)
        console.print(accounts)
        if len(shown["accounts"]) > _SHOWN:
            console.print(f"... and {len(shown['accounts']) - _SHOWN} more (all with --json)", highlight=False)
    if shown["versions"]:
        versions = Table("version", "begins", "changes", box=None, pad_edge=False)
        for version in shown["versions"]:
            versions.add_row(escape(version["version"]), version["begins"], ", ".join(version["changes"]))
        console.print(versions)
    for line in (*shown["refused"], *shown["missing"]):
        console.print(f"[red]{escape(line)}[/]", highlight=False)
