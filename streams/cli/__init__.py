"""The command line `cee`: one module a command, loaded only when it is used."""

import logging
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Final, NamedTuple

import click

from streams.cli.expected import in_one_sentence


class Entry(NamedTuple):
    """One command of the root: where it is listed, and its one line of help."""

    section: str
    help: str


# The lines stand here and not in the modules, so that `cee --help` imports none of them.
COMMANDS: Final[Mapping[str, Entry]] = {
    "publish": Entry("Port systems", "Publish entry events from JSON lines or an ABI batch file."),
    "spool": Entry("Port systems", "Show or send what waits in a publisher's spool."),
    "work": Entry("Centers", "Read a Center's work, or list the Centers."),
    "placement": Entry("Centers", "Ask where an importer is placed, and why."),
    "rules": Entry("Headquarters", "Publish dated versions of the rules, and see what is in force."),
    "worker": Entry("Operations", "Run a worker: placement and routing, with metrics and health pages."),
    "status": Entry("Operations", "Show readers, lag, tasks, restores and dead letters on one screen."),
    "lag": Entry("Operations", "Show how far behind each reader is, asked of the broker itself."),
    "topics": Entry("Operations", "Create, check or list the topics."),
    "schemas": Entry("Operations", "Register the schemas in a registry, compare it with them, or list them."),
    "release": Entry("Operations", "Let the records of a held account be processed."),
    "resume": Entry("Operations", "Let a halted partition go on."),
    "dlq": Entry("Operations", "List, show, replay, return or discard dead letters."),
    "replay": Entry("Operations", "Fold the past once more beside the live topics, and compare."),
    "state": Entry("Operations", "Verify local stores against changelog and a fold."),
    "reset": Entry("Operations", "Delete state and outputs, and begin anew; asks first."),
    "demo": Entry("Developers", "Run the main job end to end on a real Kafka and show the result."),
    "kafka": Entry("Developers", "Run a local Kafka in the foreground."),
    "registry": Entry("Developers", "Run a local schema registry in the foreground."),
    "test": Entry("Developers", "Check format, lint and types, and run all tests."),
    "sim": Entry("Developers", "Run the core through seeded crash schedules."),
    "chaos": Entry("Developers", "Break workers and broker under load and count what is lost or doubled."),
    "pressure": Entry("Developers", "Publish far more than a worker takes, and watch memory and waits."),
    "bench": Entry("Developers", "Measure the worker beside a pass-through and a plain Faust agent."),
    "lock": Entry("Developers", "Write the lock file anew from pyproject.toml."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module (`streams.cli.<name>`, its `command`) when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click gives its context to all
        """Name all commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click gives its context to all
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"streams.cli.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what is expected to go wrong becomes one sentence and an exit code, for all of them."""
        with in_one_sentence():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click gives its context to all
        """List the commands by who uses them."""
        for section in dict.fromkeys(entry.section for entry in COMMANDS.values()):
            rows = [(name, entry.help) for name, entry in COMMANDS.items() if entry.section == section]
            with formatter.section(section):
                formatter.write_dl(rows)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cee-streams", prog_name="cee")
def root() -> None:
    """Route post-release customs work to the one Center of each importer, on Kafka."""
    # The library reports each failed connection attempt; a command says it once, in its own words.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def main() -> None:
    """Run the command line: expected errors are one sentence, and Ctrl-C ends quietly with code 130."""
    try:
        # In click's standalone mode an interrupt would end with code 1, as if the command had failed.
        code = root.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        if os.environ.get("CEE_DEBUG"):
            raise
        sys.exit(error.exit_code)
    sys.exit(code if isinstance(code, int) else 0)
