"""`cee dlq`: what to do about records that could not be processed."""

import asyncio
import getpass
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

import click

from streams.cli.options import registry_option
from streams.cli.repairing import on_the_cluster, tell_of_release
from streams.cli.words import counted
from streams.contract.errors import UndecodableRecord
from streams.contract.keys import account_key
from streams.contract.masking import masked, masked_bytes, shown
from streams.contract.registered import open_waiting_codec
from streams.repair.letters import OPEN, Chosen, Letter, LetterError, Place, choose, waiting
from streams.repair.refusal import returning
from streams.repair.releasing import accounts_of, release_accounts
from streams.repair.resolving import (
    DISCARDED,
    MOST_AT_ONCE,
    REPLAYED,
    RETURNED,
    Act,
    Cluster,
    all_letters,
    replayed,
    resolve,
)

SHOWN_BYTES = 256


@click.group()
def command() -> None:
    """List, show, replay, return or discard dead letters.

    A dead letter is named by its partition and offset in the topic dead-letter, such as 3/120. It is dealt with once,
    which is noted in dead-letter-resolution in the same transaction: if a command was cut off, run it again. Those with
    the reason held wait with an account at which the program failed: replay releases the account.

    Example: cee dlq list --reason wrong-key
    """


def _said(_ctx: click.Context, _param: click.Parameter, text: str) -> str:
    """Take what says something. Raises `BadParameter`."""
    if not text.strip():
        message = "it is empty: say it in a sentence"
        raise click.BadParameter(message)
    return text


def _choosing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the ways to say which letters are meant, and give them as `chosen`."""

    @wraps(function)
    def told(cluster: Cluster, **given: Any) -> None:  # noqa: ANN401 - click gives any
        places, reason, account = given.pop("places"), given.pop("reason"), given.pop("account")
        if not (given.pop("is_all") or places or reason or account):
            message = "say which: PARTITION/OFFSET, --reason, --account or --all"
            raise click.UsageError(message)
        chosen = Chosen(tuple(Place.of(place) for place in places), reason, _key(account))
        function(cluster, chosen, **given)

    command: Callable[..., Any] = told
    for option in (
        click.option("--all", "is_all", is_flag=True, help="All that are open."),
        click.option("--account", help="Those of this importer number or account."),
        click.option("--reason", default="", help="Those with this reason."),
        click.argument("places", nargs=-1, metavar="[PARTITION/OFFSET]..."),
    ):
        command = option(command)
    return command


@command.command(name="list")
@on_the_cluster
@click.option("--account", help="Those of this importer number or account.")
@click.option("--reason", default="", help="Those with this reason.")
@click.option("--resolved", is_flag=True, help="Also those that were dealt with.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def list_(cluster: Cluster, account: str | None, reason: str, *, resolved: bool, as_json: bool) -> None:
    """List the dead letters that are open, oldest first in each partition.

    Example: cee dlq list --account 12-3456789
    """
    chosen = Chosen((), reason, _key(account))
    letters = [
        letter
        for letter in asyncio.run(all_letters(cluster))
        if chosen.fits(letter) and (resolved or letter.resolution == OPEN)
    ]
    if as_json:
        click.echo(json.dumps({"dead_letters": [_as_dict(letter) for letter in letters]}))
        return
    for letter in letters:
        click.echo(_two_lines(letter))
    if not letters:
        is_narrowed = chosen != Chosen() or resolved
        click.echo("no dead letter is meant" if is_narrowed else "no dead letter is open")


def _two_lines(letter: Letter) -> str:
    """Say which letter it is, and below where it came from and what is wrong: a table would be too wide."""
    about = (letter.reason, _shown_key(letter) or "no key", _time(letter.published_ms), letter.resolution)
    return f"{letter.place}  {'  '.join(about)}\n    from {letter.source}: {shown(letter.detail)}"


@command.command()
@on_the_cluster
@registry_option
@click.argument("place", metavar="PARTITION/OFFSET")
@click.option("--personal-numbers", is_flag=True, help="Do not replace social security numbers with stars.")
def show(cluster: Cluster, registry: str, place: str, *, personal_numbers: bool) -> None:
    """Show one dead letter with everything known about it, as JSON.

    Example: cee dlq show 3/120
    """
    wanted = Place.of(place)
    letter = next((letter for letter in asyncio.run(all_letters(cluster)) if letter.place == wanted), None)
    if letter is None:
        message = f"there is no dead letter {wanted}"
        raise LetterError(message)
    headers = {name: value.decode("utf-8", "replace") for name, value in letter.headers}
    content = _content(letter, registry, personal_numbers=personal_numbers)
    text = json.dumps({**_as_dict(letter), "headers": headers, **content}, indent=2, default=str)
    click.echo(text if personal_numbers else masked(text))


@command.command()
@on_the_cluster
@_choosing
def replay(cluster: Cluster, chosen: Chosen) -> None:
    """Publish dead letters again, to the topic and partition that they came from, in their order.

    For when their cause has been fixed: a new version runs, a schema is registered, a limit is raised. Each carries the
    header dead-letter.replay-of. One that fails again is a new dead letter. What waits with a held account is not
    published again: the account is released, as by `cee release`, with everything that waits and in its order.

    Example: cee dlq replay --reason undecodable
    """
    held = accounts_of(waiting(asyncio.run(all_letters(cluster)), chosen)) if not chosen.places else []
    if held:
        tell_of_release(asyncio.run(release_accounts(cluster, held)))
    letters = _done(cluster, chosen, REPLAYED, replayed)
    if letters or not held:
        _tell(letters, "replayed")


@command.command(name="return")
@on_the_cluster
@registry_option
@_choosing
@click.option("--tell", required=True, callback=_said, help="What the sender has to mend.")
def return_(cluster: Cluster, chosen: Chosen, registry: str, tell: str) -> None:
    """Tell the senders of dead letters on event-refusal what is wrong and what to correct, to publish it again.

    Example: cee dlq return 3/120 --tell "send the account key as the record's key"
    """
    act = returning(cluster.names, open_waiting_codec(registry), tell)
    _tell(_done(cluster, chosen, RETURNED, act, tell), "returned")


@command.command()
@on_the_cluster
@_choosing
@click.option("--why", required=True, callback=_said, help="Why nothing is lost by it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def discard(cluster: Cluster, chosen: Chosen, why: str, *, yes: bool) -> None:
    """Say that nothing more will be done about dead letters. They stay readable for as long as the topic keeps them.

    Example: cee dlq discard 3/120 --why "a test of the port's new system"
    """
    if not yes:
        count = len(choose(asyncio.run(all_letters(cluster)), chosen))
        if not click.confirm(f"Discard {counted(count, 'dead letter')}? They will not be processed"):
            message = "nothing was discarded"
            raise click.ClickException(message)
    _tell(_done(cluster, chosen, DISCARDED, lambda _letter: None, why), "discarded")


def _done(cluster: Cluster, chosen: Chosen, did: str, act: Act, why: str = "") -> list[Letter]:
    note = {"by": getpass.getuser(), **({"why": why} if why else {})}
    return asyncio.run(resolve(cluster, chosen, did, act, note))


def _tell(letters: list[Letter], what: str) -> None:
    if not letters:
        click.echo("no open dead letter is meant: nothing was done")
        return
    click.echo(f"{counted(len(letters), 'dead letter')} {'was' if len(letters) == 1 else 'were'} {what}")
    if len(letters) == MOST_AT_ONCE:
        click.echo("there may be more: run the command again", err=True)


def _key(account: str | None) -> bytes | None:
    return None if account is None else account_key(account).encode()


def _as_dict(letter: Letter) -> dict[str, Any]:
    return {
        "letter": str(letter.place),
        "reason": letter.reason,
        "detail": masked(letter.detail),
        "key": _shown_key(letter),
        "came_from": letter.source._asdict(),
        "published_at": _time(letter.published_ms),
        "buried_at": _time(letter.buried_ms),
        "bytes": letter.cut_from or len(letter.value or b""),
        "cut": bool(letter.cut_from),
        "replay_of": letter.replay_of or None,
        "state": letter.resolution,
    }


def _content(letter: Letter, registry: str, *, personal_numbers: bool) -> dict[str, Any]:
    value = letter.value or b""
    try:
        name, fields = open_waiting_codec(registry).decode(value)
    except UndecodableRecord as error:
        first = (value if personal_numbers else masked_bytes(value))[:SHOWN_BYTES]
        return {"undecodable": str(error), "first_bytes": first.hex(" ")}
    return {"record": name, "fields": fields}


def _shown_key(letter: Letter) -> str:
    return "" if letter.key is None else shown(letter.key[:80].decode("utf-8", "backslashreplace"))


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds") if ms >= 0 else ""
