"""`python -m streams.sample`: write a national sample of made-up trade as lines of JSON."""

import os
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from streams.sample.checks import ParameterError
from streams.sample.events import SampleEvent
from streams.sample.export import as_json, is_publishable
from streams.sample.national import NationalSample
from streams.sample.parameters import SampleParameters

EVENTS_PER_SUMMARY: Final = 5.96
TOLD_EVERY: Final = 1000


class ScaleType(click.ParamType):
    """A share of the nation, as a fraction (1/1000) or a decimal number (0.001)."""

    name = "scale"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """Return the fraction that a text stands for."""
        try:
            return Fraction(str(value))
        except (ValueError, ZeroDivisionError):
            self.fail(f"{value!r} is not a fraction such as 1/1000", param, ctx)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--scale", type=ScaleType(), default="1/1000", show_default=True, help="Share of the nation.")
@click.option("--seed", default=SampleParameters().seed, show_default=True, help="Another seed is another nation.")
@click.option("--part", type=int, default=0, show_default=True, help="Which part to write, from 0.")
@click.option(
    "--parts", type=int, default=1, show_default=True, help="How many parts there are; an importer is in one."
)
@click.option(
    "--wrong", type=float, default=0.0, show_default=True, help="Wrong events per summary, for trying refusals."
)
@click.option("--format", "form", type=click.Choice(["jsonl"]), default="jsonl", show_default=True)
def main(scale: Fraction, seed: str, part: int, parts: int, wrong: float, form: str) -> None:  # noqa: PLR0913, PLR0917 - click hands over every option
    """Write a national sample of made-up trade to standard output, in the order of publication.

    The same options give the same events on every machine. 1/1000 of the nation is 36,700 entry summaries over
    14 months, about 219,000 events.

    Example: python -m streams.sample --scale 1/10000 > events.jsonl && cee publish events.jsonl
    """
    assert form == "jsonl"
    try:
        parameters = SampleParameters(scale=scale, seed=seed, wrong_share=wrong)
        events = NationalSample(parameters).events(part, parts)
    except ParameterError as error:
        raise click.ClickException(str(error)) from error
    try:
        _write(events, parameters.total_summaries * EVENTS_PER_SUMMARY / parts)
    except BrokenPipeError:
        # The reader has had enough, as in `… | head`: not an error, and nothing is left to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(events: Iterator[SampleEvent], expected: float) -> None:
    """Write events to standard output, and how many there are so far to standard error."""
    columns = (TextColumn("writing {task.completed:,.0f} events"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=expected)
        for number, event in enumerate(events, start=1):
            if is_publishable(event):
                sys.stdout.write(as_json(event) + "\n")
            if number % TOLD_EVERY == 0:
                progress.update(task, completed=number)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
