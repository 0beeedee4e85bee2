"""`cee resume`: let a halted partition go on, after a person looked at why it stands."""

import asyncio
import os

import click

from streams.cli.worker import common_partition_count
from streams.contract.provision import ClusterError
from streams.contract.topics import TopicFileError, TopicNames
from streams.settings import Settings, SettingsError


@click.command()
@click.option("--partition", required=True, type=click.IntRange(0), help="The partition that is halted.")
@click.option(
    "--dead-letter",
    "offset",
    type=click.IntRange(0),
    help="Put the record at which it halted (its offset, from the worker's log) into dead-letter instead.",
)
@click.option("--bootstrap-servers", help="Kafka's address [KAFKA_BOOTSTRAP_SERVERS; 127.0.0.1:9092].")
@click.option("--namespace", help="Prefix of all topic names [CEE_NAMESPACE].")
def command(partition: int, offset: int | None, bootstrap_servers: str | None, namespace: str | None) -> None:
    """Let a halted partition go on.

    The wish goes through Kafka: it needs no running worker, and whoever owns the partition follows it within
    seconds. Without --dead-letter the same record is tried again: mend its cause first.

    Example: cee resume --partition 3 --dead-letter 120441
    """
    from streams.app import engine_config  # noqa: PLC0415 - heavy: only this command's own run pays for it
    from streams.engine.errors import ConfigurationError  # noqa: PLC0415 - see above
    from streams.engine.resume import resume  # noqa: PLC0415 - see above

    try:
        settings = Settings.from_environment(os.environ, bootstrap_servers=bootstrap_servers, namespace=namespace)
        names = TopicNames(settings.namespace)
        count = asyncio.run(common_partition_count(settings))
        if partition >= count:
            message = f"there is no partition {partition}: the topics have {count}, from 0 on"
            raise click.ClickException(message)
        asyncio.run(resume(engine_config(settings, names), partition, offset))
    except (SettingsError, TopicFileError, ClusterError, ConfigurationError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"asked partition {partition} to go on; its worker says so in its log and under /healthz")
