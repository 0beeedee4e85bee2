"""`cee worker`: run one worker until it is told to stop."""

import asyncio
import gc
import logging
import socket
from collections.abc import Sequence
from typing import Final

import click

from streams.cli.options import state_dir_option, with_settings
from streams.contract.codec import Codec
from streams.contract.provision import ClusterError, partition_counts
from streams.contract.registered import START_SECONDS, open_codec
from streams.contract.topics import TopicNames
from streams.settings import LEVELS, LogFormat, Settings

log = logging.getLogger(__name__)

GARBAGE_THRESHOLD: Final = 1_000_000


@click.command()
@with_settings
@state_dir_option
@click.option(
    "--web-port", type=click.IntRange(0, 65535), help="Port of metrics and health, 0 for none [CEE_WEB_PORT; 6066]."
)
@click.option(
    "--log-format",
    type=click.Choice([known.value for known in LogFormat]),
    callback=lambda _ctx, _param, value: LogFormat(value) if value else None,
    help="Log lines for a person, or one JSON object per line [CEE_LOG_FORMAT; text].",
)
@click.option("--log-level", type=click.Choice(LEVELS), help="From which level on to log [CEE_LOG_LEVEL; INFO].")
def command(settings: Settings) -> None:
    """Run one worker: it places importers and routes their work, until SIGTERM or Ctrl-C.

    Start as many as you like, up to one per partition: they share the partitions. Settings come from the
    environment (docs/operations.md lists them); options win over it.

    Example: cee worker --bootstrap-servers 127.0.0.1:9092
    """
    partitions = asyncio.run(common_partition_count(settings))
    codec = open_codec(settings.schema_registry_url, START_SECONDS)
    refuse_a_taken_port(settings)
    run(settings, partitions, codec)


def run(settings: Settings, partitions: int, codec: Codec) -> None:
    """Run the worker in this process; exit code 1 where it could not go on."""
    from streams.core import CoreService  # noqa: PLC0415 - heavy: only a worker that can run pays for it
    from streams.ops.logs import set_up_logging  # noqa: PLC0415 - see above
    from streams.worker import Worker  # noqa: PLC0415 - see above

    try:
        settings.state_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"the state folder {settings.state_dir} cannot be used: {error.strerror}"
        raise click.ClickException(message) from error
    set_up_logging(settings.log_level, as_json=settings.log_format is LogFormat.JSON)
    core = CoreService(settings, partitions, codec)
    log.info("this worker begins; its pages are %s", f"at {settings.web_url}" if settings.web_port else "off")
    worker = Worker(core)
    # Nearly all that a batch makes is freed by reference counts; looking for cycles so often took 15 % of the time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 100)
    try:
        worker.execute_from_commandline()
    except SystemExit as ended:
        if core.failure or ended.code:
            message = core.failure or "the worker ended with an error: see the log lines above"
            raise click.ClickException(message) from None


async def common_partition_count(settings: Settings) -> int:
    """Return how many partitions all our topics have.

    Raises `ClusterError`, one sentence, for topics that are missing or differ: a task owns one partition number
    of all of them.
    """
    topics = TopicNames(settings.namespace).of_the_processor
    counts = await partition_counts(settings.bootstrap_servers, topics, settings.security.client())
    missing = [name for name in topics if name not in counts]
    if missing:
        message = f"{_some(missing)} missing on {settings.bootstrap_servers}: create them with `cee topics apply`"
        raise ClusterError(message)
    first = topics[0]
    unequal = [f"{name} has {count}" for name, count in counts.items() if count != counts[first]]
    if unequal:
        message = f"all topics need equal partition counts: {first} has {counts[first]}, {', '.join(unequal[:3])}"
        raise ClusterError(message)
    return counts[first]


def _some(names: Sequence[str]) -> str:
    return f"topic {names[0]} is" if len(names) == 1 else f"{len(names)} topics ({names[0]}, ...) are"


def refuse_a_taken_port(settings: Settings) -> None:
    """Say in one sentence that another program has the port, before the worker's web server would crash on it."""
    if not settings.web_port:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.web_host, settings.web_port))
        except OSError as error:
            message = (
                f"{settings.web_host}:{settings.web_port} cannot be used ({error.strerror}): "
                "choose another with --web-port, or 0 for no pages"
            )
            raise click.ClickException(message) from error
