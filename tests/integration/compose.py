"""A deployment by docker-compose.yml under a name and at ports of its own, taken down with its volumes."""

import json
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from streams.local.broker import free_port
from tests.integration.kafka_container import NoContainer, check_engine

ROOT: Final = Path(__file__).parents[2]
UP_SECONDS: Final = 420
WORKERS: Final = 2


def compose_trouble() -> str:
    """Return why nothing can be deployed here, "" where it can."""
    try:
        check_engine()
    except NoContainer as error:
        return str(error)
    done = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)  # noqa: S607 - wherever it is
    return "" if done.returncode == 0 else "a Docker engine answers, and there is no `docker compose`"


class Deployment:
    """What runs under one project name."""

    def __init__(self) -> None:
        self.project = f"cee-test-{uuid.uuid4().hex[:8]}"
        kafka, registry, self.prometheus_port = free_port(), free_port(), free_port()
        self.bootstrap_servers = f"127.0.0.1:{kafka}"
        self.registry = f"http://127.0.0.1:{registry}/apis/ccompat/v7"
        self._environment = {
            **os.environ,
            "COMPOSE_PROJECT_NAME": self.project,
            "CEE_VERSION": "test",
            "CEE_TIME": "event",
            "KAFKA_PORT": str(kafka),
            "REGISTRY_PORT": str(registry),
            "PROMETHEUS_PORT": str(self.prometheus_port),
            # Whatever is free: nobody looks from outside here.
            "WORKER_PORTS": "0",
        }

    @property
    def client(self) -> dict[str, str]:
        """The environment of commands that use it."""
        return {
            **os.environ,
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "SCHEMA_REGISTRY_URL": self.registry,
            "CEE_NAMESPACE": "",
        }

    def compose(self, *arguments: str) -> str:
        """Run `docker compose` and return what it prints. Raises `AssertionError` with its words when it fails."""
        command = ["docker", "compose", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self._environment, capture_output=True, text=True, timeout=UP_SECONDS, check=False
        )
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr[-3000:]}"
        return done.stdout

    def inspected(self, service: str) -> list[dict[str, Any]]:
        """Return what the engine knows of a service's containers, in the order of their numbers."""
        listed = self.compose("ps", "--all", "--quiet", service).split()
        found = json.loads(docker("inspect", *listed))
        return sorted(found, key=lambda container: str(container["Name"]))

    def left(self) -> list[str]:
        """Return whatever is there under the project's name."""
        label = f"label=com.docker.compose.project={self.project}"
        kinds = (("ps", "--all"), ("volume", "ls"), ("network", "ls"))
        return [line for kind in kinds for line in docker(*kind, "--quiet", "--filter", label).split()]


def docker(*arguments: str) -> str:
    """Run `docker` and return what it prints."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout  # noqa: S607 - wherever it is


@contextmanager
def deployed(say: Callable[[str], None] = print) -> Iterator[Deployment]:
    """Build and start everything with two workers, and take it down; tells the logs where it does not come up."""
    deployment = Deployment()
    try:
        try:
            deployment.compose("up", "--build", "--detach", "--scale", f"worker={WORKERS}", "--wait")
        except AssertionError:
            say(deployment.compose("logs", "--tail", "30"))
            raise
        yield deployment
    finally:
        deployment.compose("down", "--volumes", "--timeout", "20")
