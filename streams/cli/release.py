"""`cee release`: let what waits of a held account be processed, once the program is mended."""

import asyncio
from typing import Final

import click

from streams.cli.repairing import on_the_cluster, tell_of_release
from streams.contract.keys import account_key, partition_for
from streams.contract.provision import ClusterError, partition_counts
from streams.engine.held import Answer
from streams.repair.letters import Chosen, waiting
from streams.repair.releasing import Account, accounts_of, release_accounts
from streams.repair.resolving import Cluster, all_letters

SHORTLY_SECONDS: Final = 4.0


@click.command()
@on_the_cluster
@click.argument("account")
def command(cluster: Cluster, account: str) -> None:
    """Release ACCOUNT (an importer's number or account key), which is held because the program failed at it.

    Its waiting records are processed in their order, before anything newer of it; if the program fails again, it
    stays held. The wish goes through Kafka, to whoever owns the partition, and is done once however often it is
    made. An account that is not held is left alone. Exit code 1 where it stays held or no worker answers.

    Example: cee release 12-3456789
    """
    key = account_key(account.strip().upper()).encode()
    held = accounts_of(waiting(asyncio.run(all_letters(cluster)), Chosen(key=key)))
    if held:
        tell_of_release(asyncio.run(release_accounts(cluster, held)))
    else:
        click.echo(asyncio.run(_ask_anyway(cluster, key)))


async def _ask_anyway(cluster: Cluster, key: bytes) -> str:
    """Ask for an account of which no letter is known: it may be held since this moment, or its letters be gone.

    An idle worker that holds nobody sees no wish, so that its silence is no fault.
    """
    topic = cluster.names.sources[0]
    count = (await partition_counts(cluster.bootstrap_servers, [topic], cluster.client)).get(topic)
    if count is None:
        message = f"{cluster.bootstrap_servers} has no topic {topic}: wrong namespace or cluster?"
        raise ClusterError(message)
    home = Account(partition_for(key, count), key)
    (done,) = await release_accounts(cluster, [home], SHORTLY_SECONDS)
    if done.answer is Answer.RELEASED:
        return f"partition {home.partition}: the account is released"
    return f"partition {home.partition}: no dead letter waits with this account; were it held, it would be released"
