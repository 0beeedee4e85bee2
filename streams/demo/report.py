"""What came of a run: as tables for a person, and as plain values for a program."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from streams.contract.topics import center_slugs
from streams.demo.protest_case import ProtestCase
from streams.demo.run import Demo, Outcome
from streams.demo.tally import OTHERS, Tally

NAMES: Final[Mapping[str, str]] = {
    "center-work-pending": "no Center yet",
    "center-work-ineligible": "not eligible",
    "center-work-elsewhere": "owned elsewhere",
    "importer-response": "answers to importers",
}


def as_dict(outcome: Outcome) -> dict[str, object]:
    """Return the outcome as plain values, the keys of which stay."""
    tally, published = outcome.tally, outcome.published
    return {
        "published": {
            "events": published.events,
            "past_the_publisher": published.careless,
            "refused_by_the_publisher": dict(published.refused),
            "abi_batch": published.batch,
        },
        "committed_offsets": outcome.standing.committed,
        "lag": outcome.standing.lag,
        "seconds": round(outcome.seconds, 1),
        "centers": {slug: _center(tally, slug) for slug in center_slugs()},
        "other_topics": {name: tally.work_items[name] for name in OTHERS},
        "importers_placed": sum(count for center, count in tally.placed.items() if center),
        "importers_without_center": tally.placed[""],
        "placement_changes": tally.changes["changed"],
        "placement_records": dict(tally.changes),
        "protest": asdict(outcome.protest),
        "refusals": dict(tally.refusals),
        "dead_letters": dict(tally.dead_letters),
    }


def _center(tally: Tally, slug: str) -> dict[str, int]:
    return {
        "work_items": tally.work_items[slug],
        "importers_placed": tally.placed[slug],
        "moved_in": tally.moved_in[slug],
        "moved_out": tally.moved_out[slug],
    }


def show(outcome: Outcome, console: Console) -> None:
    """Print the tables."""
    tally, published = outcome.tally, outcome.published
    console.print("[bold]What the Centers have got[/bold], and importers that moved in and out")
    console.print(_centers(tally))
    events = published.events + published.careless
    rate = events / outcome.seconds
    console.print(
        f"{events:,} events published and processed in {outcome.seconds:.0f} s "
        f"({rate:,.0f} a second, publishing included), lag {outcome.standing.lag}.\n"
        f"{sum(count for center, count in tally.placed.items() if center):,} importers placed, "
        f"{tally.placed['']:,} without a Center, {tally.changes['changed']:,} placement changes."
    )
    _protest(outcome.protest, console)
    _faults("Refused by the publisher", published.refused, console)
    _faults("Refused or ignored by rule, told on event-refusal", tally.refusals, console)
    _faults("Dead letters, of a client that checks nothing", tally.dead_letters, console)
    if published.batch:
        read, refused = published.batch["read"], published.batch["refused"]
        console.print(
            f"An ABI batch of {read} filings: {read - refused} accepted by CBP and published, {refused} refused."
        )


def _protest(case: ProtestCase, console: Console) -> None:
    """Print what came of the protest, as one row."""
    console.print("[bold]One importer protests at ten ports[/bold], and tells it twice")
    table = _table()
    row = {
        "ports": case.ports,
        "entries": case.entries,
        "cases": case.cases,
        "responses": case.responses,
        "results by port": case.results_at_ports,
        "outputs": case.outputs,
        "of the repeat": case.outputs_of_the_repeat,
    }
    for heading in row:
        table.add_column(heading, justify="right", overflow="fold")
    table.add_row(*(str(value) for value in row.values()))
    console.print(table)
    if not case.cases:
        console.print("This Kafka has been told of it before: nothing changes.", highlight=False)


def _centers(tally: Tally) -> Table:
    table = _table()
    table.add_column("Center", no_wrap=True)
    for heading in ("work items", "importers", "in", "out"):
        table.add_column(heading, justify="right", overflow="fold")
    for slug in center_slugs():
        table.add_row(slug, *(f"{value:,}" for value in _center(tally, slug).values()))
    table.add_section()
    for name in OTHERS:
        table.add_row(NAMES[name], f"{tally.work_items[name]:,}")
    return table


def _table() -> Table:
    """Return a table that is whole on sixty columns."""
    return Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True, show_edge=False)


def _faults(title: str, counts: Mapping[str, int], console: Console) -> None:
    console.print(f"[bold]{title}: {sum(counts.values()):,}[/bold]")
    table = Table(box=None, show_header=False)
    table.add_column("count", justify="right")
    table.add_column("reason")
    for reason, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(f"{count:,}", reason)
    console.print(table)


def ways_on(demo: Demo, tally: Tally, console: Console, *, stays: bool) -> None:
    """Say how to look further, with an importer out of this run."""
    example: Mapping[str, Any] | None = tally.example
    center = str(example["center"]) if example else max(center_slugs(), key=lambda slug: tally.work_items[slug])
    if example:
        console.print(f"\n[bold]One importer that moved:[/bold] {example['importer_numbers'][0]}")
        console.print(f"  {example['former_center']} -> {example['center']}: {example['reason']}", markup=False)
    options = f"--bootstrap-servers {demo.bootstrap_servers}" if stays else "--bootstrap-servers ADDRESS"
    if demo.names.namespace:
        options += f" --namespace {demo.names.namespace}"
    if not stays:
        console.print("\nRun ./cee demo --keep, and in another terminal, with the address that it prints:")
    else:
        console.print("\nIn another terminal:")
    importer = example["importer_numbers"][0] if example else "IMPORTER"
    console.print(f"  ./cee work {center} {options}", soft_wrap=True, highlight=False)
    console.print(f"  ./cee placement explain {importer} {options}", soft_wrap=True, highlight=False)
