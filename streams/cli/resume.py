"""`cee resume`: let a halted partition go on, after a person looked at why it stands."""

import asyncio

import click

from streams.cli.options import with_settings
from streams.cli.worker import common_partition_count
from streams.contract.topics import TopicNames
from streams.settings import Settings


@click.command()
@click.option("--partition", required=True, type=click.IntRange(0), help="The partition that is halted.")
@click.option(
    "--dead-letter",
    "offset",
    type=click.IntRange(0),
    help="Put the record at which it halted (its offset, from the worker's log) into dead-letter instead.",
)
@with_settings
def command(settings: Settings, partition: int, offset: int | None) -> None:
    """Let a halted partition go on.

    The wish goes through Kafka: it needs no running worker, and whoever owns the partition follows it within
    seconds. Without --dead-letter the same record is tried again: mend its cause first.

    Example: cee resume --partition 3 --dead-letter 120441
    """
    from streams.core import config_of  # noqa: PLC0415 - heavy: only this command's own run pays for it
    from streams.engine.resume import resume  # noqa: PLC0415 - see above

    count = asyncio.run(common_partition_count(settings))
    if partition >= count:
        message = f"there is no partition {partition}: the topics have {count}, from 0 on"
        raise click.ClickException(message)
    asyncio.run(resume(config_of(settings, TopicNames(settings.namespace)), partition, offset))
    click.echo(f"asked partition {partition} to go on; its worker says so in its log and under /healthz")
