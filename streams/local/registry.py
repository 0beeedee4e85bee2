"""One real schema registry (Apicurio) on loopback, started and stopped with the process that needs it."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from streams.local.archive import registry_folder
from streams.local.broker import free_port, refuse_a_taken_port
from streams.local.java import java_executable
from streams.local.logged import LoggedProgram, ProgramFailed

STOP_SECONDS: Final = 10.0
READY: Final = "Listening on: http"
PATH: Final = "/apis/ccompat/v7"
JAVA_OPTIONS: Final = (
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # a third off its start, and nobody asks it much
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
)


class RegistryFailed(ProgramFailed):
    """The registry did not start or did not answer; the text ends with the last lines of its log."""


class _Process(LoggedProgram):
    title = "The schema registry"
    failure = RegistryFailed


class LocalRegistry:
    """A registry that listens on 127.0.0.1 only; `directory` keeps its schemas with their ids.

    Use it as a context manager; however this process ends, the registry ends with it.
    """

    def __init__(self, directory: Path, port: int | None = None, say: Callable[[str], None] | None = None) -> None:
        """Prepare a registry in a directory; port None takes a free one, `say` is told of long steps."""
        self._directory = directory
        self._port = port or free_port()
        self._say = say
        self._program: _Process | None = None

    @property
    def port(self) -> int:
        """Return the port on 127.0.0.1."""
        return self._port

    @property
    def address(self) -> str:
        """Return the URL of its Confluent interface, as `SCHEMA_REGISTRY_URL` takes it."""
        return f"http://127.0.0.1:{self._port}{PATH}"

    def __enter__(self) -> Self:
        """Start the registry."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the registry."""
        self.stop()

    def start(self) -> None:
        """Start the registry and return when it answers.

        Raises `JavaUnavailable` when it cannot be had and `RegistryFailed` when it does not answer in two minutes.
        """
        folder = registry_folder(self._say)
        refuse_a_taken_port(self._port, "the schema registry", RegistryFailed)
        self._directory.mkdir(parents=True, exist_ok=True)
        settings = {
            "quarkus.http.host": "127.0.0.1",
            "quarkus.http.port": str(self._port),
            # Its port for management would else be 9000 on all addresses.
            "quarkus.management.host": "127.0.0.1",
            "quarkus.management.port": str(free_port()),
            "apicurio.datasource.url": f"jdbc:h2:file:{self._directory.resolve() / 'registry'}",
        }
        options = [*JAVA_OPTIONS, *(f"-D{name}={value}" for name, value in settings.items())]
        command = [str(java_executable()), *options, "-jar", str(folder / "quarkus-run.jar")]
        self._program = _Process(command, self._directory / "registry.log")
        try:
            self._program.wait_until_it_says(READY)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End the registry in good order; after ten seconds, by force. A stopped one stays stopped."""
        if self._program is not None:
            self._program.stop(STOP_SECONDS)
        self._program = None

    def kill(self) -> None:
        """End the registry at once."""
        if self._program is not None:
            self._program.kill()
        self._program = None
