"""A Kafka of the tests in a container, set up as the local broker is, at a port of this machine's loopback."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import docker
from docker.errors import DockerException
from testcontainers.core.config import ConnectionMode, testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from streams.local.broker import SETTINGS, free_port, new_cluster_id

IMAGE: Final = "apache/kafka:4.3.1"
LOOPBACK: Final = "127.0.0.1"
START_SECONDS: Final = 120
ANSWER_SECONDS: Final = 5
DEFAULT_HOST: Final = "unix:///var/run/docker.sock"


class NoContainer(RuntimeError):  # noqa: N818 - a condition, not a mistake
    """No container can be run here; the text says why."""


def check_engine() -> None:
    """Raise `NoContainer` where no Docker engine answers."""
    _knock()
    try:
        client = docker.from_env(timeout=ANSWER_SECONDS)
        try:
            client.ping()
        finally:
            client.close()
    except DockerException as error:
        message = "no Docker engine answers"
        raise NoContainer(message) from error


def _knock() -> None:
    """Raise `NoContainer` where nobody listens at the engine's socket; Docker's client would leave its own one open."""
    scheme, _, path = os.environ.get("DOCKER_HOST", DEFAULT_HOST).partition("://")
    if scheme != "unix":
        return
    with socket.socket(socket.AF_UNIX) as knocking:
        try:
            knocking.connect(path)
        except OSError as error:
            message = "no Docker engine answers"
            raise NoContainer(message) from error


@contextmanager
def kafka_container() -> Iterator[str]:
    """Run the image and give the address of its broker; testcontainers' reaper removes it, however this ends.

    Raises `NoContainer`.
    """
    check_engine()
    port = free_port()
    container = _container(port)
    try:
        container.start()
    except (DockerException, OSError, RuntimeError) as error:
        container.stop()
        message = f"a Docker engine answers, and {IMAGE} cannot be started: {str(error).splitlines()[0]}"
        raise NoContainer(message) from error
    try:
        yield f"{LOOPBACK}:{port}"
    finally:
        container.stop()


def _container(port: int) -> DockerContainer:
    # Ports are published on this machine's loopback alone; the library would look elsewhere on some machines.
    testcontainers_config.connection_mode_override = ConnectionMode.docker_host
    testcontainers_config.tc_host_override = testcontainers_config.tc_host_override or LOOPBACK
    settings = {
        **SETTINGS,
        # The broker writes the markers of transactions to itself, where the port of this machine is not.
        "listeners": "HOST://:9092,BROKER://:9094,CONTROLLER://:9093",
        "advertised.listeners": f"HOST://{LOOPBACK}:{port},BROKER://localhost:9094",
        "listener.security.protocol.map": "HOST:PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "BROKER",
        "controller.quorum.voters": "1@localhost:9093",
        "log.dirs": "/var/lib/kafka/data",
    }
    variables = {f"KAFKA_{key.replace('.', '_').upper()}": value for key, value in settings.items()}
    container = DockerContainer(IMAGE).with_envs(CLUSTER_ID=new_cluster_id(), **variables)
    ports: dict[str, Any] = container.ports
    ports["9092/tcp"] = (LOOPBACK, port)  # its own method takes no address
    return container.waiting_for(LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(START_SECONDS))
