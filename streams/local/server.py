"""What a local broker and a local registry are alike in: a Java program at a port, begun and ended as a context."""

import signal
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Final, Self

from streams.local.logged import LoggedProgram, ProgramFailed

_TOLD: Final = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGCHLD})


class LocalServer(ABC):
    """A program that listens on a port of 127.0.0.1 and keeps its data in `directory`.

    It can be stopped, killed and started again at the same port. Use it as a context manager; however this process
    ends, the program ends with it (`guardian`). `STOP_SECONDS` is how long it may take to end in good order.
    """

    STOP_SECONDS: ClassVar[float]

    def __init__(self, directory: Path, port: int | None = None, say: Callable[[str], None] | None = None) -> None:
        """Prepare it in a directory; port None takes a free one, `say` is told of long steps."""
        self._directory = directory
        self._port = port or free_port()
        self._say = say
        self._program: LoggedProgram | None = None

    @property
    def port(self) -> int:
        """Return the port on 127.0.0.1."""
        return self._port

    @property
    def pid(self) -> int | None:
        """Return the process id of the Java process while it runs, for signals of tests."""
        return self._program.pid if self._program is not None else None

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    @abstractmethod
    def start(self) -> None:
        """Start it and return when it answers."""

    def stop(self) -> bool:
        """End it in good order; after a while, by force. Tells which of the two; a stopped one stays stopped."""
        program, self._program = self._program, None
        return program is not None and program.stop(self.STOP_SECONDS)

    def kill(self) -> None:
        """End it at once, as a power failure would."""
        if self._program is not None:
            self._program.kill()
        self._program = None

    def wait_until_told(self) -> None:
        """Return at Ctrl-C or SIGTERM. Raises the program's `failure` when it ends by itself before."""
        program = self._program
        assert program is not None, "it was started"
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a signal that nobody handles may not be kept for the wait
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _TOLD)
        try:
            while program.is_running:
                if signal.sigwait(_TOLD) != signal.SIGCHLD:
                    return
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        raise program.failed("ended by itself")  # noqa: TRY003 - what is said is made there

    def _wait_for(self, program: LoggedProgram, words: str) -> None:
        """Take a program as its own once it says that it is ready. Raises the program's `failure`."""
        self._program = program
        try:
            program.wait_until_it_says(words)
        except BaseException:
            self.kill()
            raise


def refuse_a_taken_port(port: int, who: str, failure: type[ProgramFailed]) -> None:
    """Say in one sentence what a Java program would say in a stack trace."""
    with socket.socket() as probe:
        # As the program's own socket: a port that only waits out its last connections is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            message = f"{who} cannot listen on 127.0.0.1:{port}: {error.strerror}; choose another port"
            raise failure(message) from error


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
