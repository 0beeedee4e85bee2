"""`cee release`: let what waits of a held account be processed, once the program is mended."""

import asyncio
import os

import click

from streams.cli.worker import common_partition_count
from streams.contract.keys import account_key, partition_for
from streams.contract.provision import ClusterError
from streams.contract.topics import TopicFileError, TopicNames
from streams.settings import Settings, SettingsError


@click.command()
@click.argument("account")
@click.option("--bootstrap-servers", help="Kafka's address [KAFKA_BOOTSTRAP_SERVERS; 127.0.0.1:9092].")
@click.option("--namespace", help="Prefix of all topic names [CEE_NAMESPACE].")
def command(account: str, bootstrap_servers: str | None, namespace: str | None) -> None:
    """Release ACCOUNT (an importer's number or account key), which is held because the program failed at it.

    Its waiting records are processed in their order, before anything newer of it; if the program fails again, it
    stays held. The wish goes through Kafka, to whoever owns the partition. An account that is not held is left alone.

    Example: cee release 12-3456789
    """
    from streams.app import engine_config  # noqa: PLC0415 - heavy: only this command's own run pays for it
    from streams.engine.errors import ConfigurationError  # noqa: PLC0415 - see above
    from streams.engine.resume import release  # noqa: PLC0415 - see above

    key = account_key(account.strip().upper()).encode()
    try:
        settings = Settings.from_environment(os.environ, bootstrap_servers=bootstrap_servers, namespace=namespace)
        count = asyncio.run(common_partition_count(settings))
        partition = partition_for(key, count)
        asyncio.run(release(engine_config(settings, TopicNames(settings.namespace)), partition, key))
    except (SettingsError, TopicFileError, ClusterError, ConfigurationError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"asked partition {partition} to release the account; cee status and its worker's log say how it went")
