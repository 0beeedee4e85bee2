"""`cee work CENTER --open`: the open cases of a Center, one line a case."""

import asyncio
import json
from typing import Final, NamedTuple

import click
from rich.console import Console

from streams.centers.cases import open_cases
from streams.cli.options import client_settings
from streams.contract.masking import masked
from streams.contract.models import OpenCase

ENTRIES_SHOWN: Final = 3


class Wanted(NamedTuple):
    """Which open cases are shown, and how."""

    ports: tuple[str, ...]
    types: tuple[str, ...]
    limit: int | None
    as_json: bool
    personal_numbers: bool


def show_open_cases(center: str, bootstrap_servers: str, namespace: str, registry: str, wanted: Wanted) -> None:
    """Print the open cases of a Center that are wanted, those opened first in front."""
    reading = open_cases(
        center,
        bootstrap_servers=bootstrap_servers,
        namespace=namespace,
        registry=registry,
        client=client_settings(),
    )
    cases = [case for case in asyncio.run(reading) if _is_wanted(case, wanted)]
    for case in cases[: wanted.limit]:
        click.echo(_json_line(case, wanted) if wanted.as_json else text_line(case))
    if not cases and not wanted.as_json:
        Console(stderr=True).print(f"{center} has no open case that matches.", highlight=False)


def _is_wanted(case: OpenCase, wanted: Wanted) -> bool:
    has_port = not wanted.ports or any(port in wanted.ports for port in case.ports)
    return has_port and (not wanted.types or case.work_type in wanted.types)


def _json_line(case: OpenCase, wanted: Wanted) -> str:
    line = json.dumps({"kind": "open_case", **case.model_dump(mode="json")})
    return line if wanted.personal_numbers else masked(line)


def text_line(case: OpenCase) -> str:
    """Say a case as one line: since when, whether it is taken, type, entries, ports and clocks."""
    numbers = [entry.entry_number for entry in case.entries]
    shown = ", ".join(f"{one[:3]}-{one[3:10]}-{one[10:]}" for one in numbers[:ENTRIES_SHOWN]) or "no entry"
    more = len(numbers) - ENTRIES_SHOWN
    entries = f"{shown} and {more} more" if more > 0 else shown
    clocks = "".join(f"  {clock.name} {clock.warn_by:%Y-%m-%d}" for clock in case.clocks)
    taken = "taken" if case.taken else "open"
    return (
        f"{case.opened_at:%Y-%m-%d}  {taken:<5} {case.work_type:<34} {entries}  {','.join(case.ports)}"
        f"  case {case.case_id} assignment {case.assignment}{clocks}"
    )
