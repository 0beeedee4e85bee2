"""Options that several commands share."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from streams.contract.security import Security

cluster_option: Final = click.option(
    "--bootstrap-servers",
    default="127.0.0.1:9092",
    envvar="KAFKA_BOOTSTRAP_SERVERS",
    help="Kafka's address [KAFKA_BOOTSTRAP_SERVERS; 127.0.0.1:9092].",
)
registry_option: Final = click.option(
    "--registry",
    default="",
    envvar="SCHEMA_REGISTRY_URL",
    help="Address of a schema registry with Confluent's interface [SCHEMA_REGISTRY_URL; none].",
)
namespace_option: Final = click.option(
    "--namespace", default="", envvar="CEE_NAMESPACE", help="Prefix of all topic names [CEE_NAMESPACE]."
)

application_option: Final = click.option(
    "--application",
    default="cee-placement",
    envvar="CEE_APPLICATION",
    help="Name of the workers' application; their consumer group is named after it [CEE_APPLICATION; cee-placement].",
)


def client_settings() -> dict[str, Any]:
    """Return how this command logs in to Kafka, from the environment.

    Raises `SecurityError`.
    """
    return Security.from_environment(os.environ).client()


state_dir_option: Final = click.option(
    "--state-dir", type=click.Path(path_type=Path), help="Folder of local state [CEE_STATE_DIR; .cee/state]."
)


OF_SETTINGS: Final = ("bootstrap_servers", "namespace", "state_dir", "web_port", "log_format", "log_level")
"""Options that are settings of a worker, too."""


def with_settings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its `settings` in place of those options: read from the environment, over which options win.

    Adds the options that name the cluster.
    """

    @wraps(function)
    def command(**options: Any) -> None:  # noqa: ANN401 - click gives any
        from streams.settings import Settings  # noqa: PLC0415 - ports and Centers do without

        given = {name: options.pop(name) for name in OF_SETTINGS if name in options}
        function(settings=Settings.from_environment(os.environ, **given), **options)

    # Without defaults: what is not given must not win over the environment.
    address = click.option("--bootstrap-servers", help="Kafka's address [KAFKA_BOOTSTRAP_SERVERS; 127.0.0.1:9092].")
    return address(click.option("--namespace", help="Prefix of all topic names [CEE_NAMESPACE].")(command))
