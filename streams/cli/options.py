"""Options that several commands share."""

import os
from typing import Any, Final

import click

from streams.contract.security import Security, SecurityError

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
    help="Address of a schema registry with Confluent's interface; without one, none is used [SCHEMA_REGISTRY_URL].",
)
namespace_option: Final = click.option(
    "--namespace", default="", envvar="CEE_NAMESPACE", help="Prefix of all topic names [CEE_NAMESPACE]."
)


def client_settings() -> dict[str, Any]:
    """Return how this command logs in to Kafka, from the environment.

    Raises `ClickException`, one sentence.
    """
    try:
        return Security.from_environment(os.environ).client()
    except SecurityError as error:
        raise click.ClickException(str(error)) from error
