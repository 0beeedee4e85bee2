"""Run one program and end it when the process that asked for it is gone, however that ended.

Started as `python guardian.py LOG PROGRAM ARGUMENT...` with a pipe as standard input: the asking process holds
the other end, and the operating system closes it even after kill -9. Works alike on Linux and macOS, which
have no common signal for a parent's death.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path


def main(log: str, command: list[str]) -> int:
    """Start the program, print its process id, and return its exit code once it has ended."""
    with Path(log).open("ab") as output:
        program = subprocess.Popen(  # noqa: S603 - the command is our own broker's
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    print(program.pid, flush=True)  # noqa: T201 - the answer to the asking process
    threading.Thread(target=_kill_when_alone, args=(program,), daemon=True).start()
    return program.wait()


def _kill_when_alone(program: "subprocess.Popen[bytes]") -> None:
    # Not through sys.stdin: its lock, held by this thread, would abort the interpreter at its end.
    while os.read(0, 1):
        pass
    program.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
