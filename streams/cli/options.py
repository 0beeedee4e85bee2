"""Options that several commands share."""

from typing import Final

import click

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
