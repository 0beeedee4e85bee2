"""One real schema registry (Apicurio) on loopback, started and stopped with the process that needs it."""

from typing import Final

from streams.local.archive import registry_folder
from streams.local.java import java_executable
from streams.local.logged import LoggedProgram, ProgramFailed
from streams.local.server import LocalServer, free_port, refuse_a_taken_port

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


class LocalRegistry(LocalServer):
    """A registry; its directory keeps its schemas with their ids."""

    STOP_SECONDS = 10.0

    @property
    def address(self) -> str:
        """Return the URL of its Confluent interface, as `SCHEMA_REGISTRY_URL` takes it."""
        return f"http://127.0.0.1:{self._port}{PATH}"

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
        self._wait_for(_Process(command, self._directory / "registry.log"), READY)
