"""Run a local Kafka in the foreground until Ctrl-C: `python -m streams.local [DIRECTORY] [PORT]`."""

import signal
import sys
import tempfile
from pathlib import Path

from streams.local.broker import BrokerFailed, LocalBroker
from streams.local.java import JavaUnavailable


def main(arguments: list[str]) -> int:
    """Start the broker, print its address and wait; without a directory its data is thrown away at the end."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(arguments[0]) if arguments else Path(scratch)
        port = int(arguments[1]) if len(arguments) > 1 else None
        try:
            with LocalBroker(directory, port, say=lambda text: print(text, file=sys.stderr)) as broker:  # noqa: T201
                print(broker.bootstrap_servers, flush=True)  # noqa: T201 - the command's answer
                signal.sigwait({signal.SIGINT, signal.SIGTERM})
        except (BrokerFailed, JavaUnavailable) as error:
            print(error, file=sys.stderr)  # noqa: T201 - the command's answer
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
