"""The ten Centers of Excellence and Expertise, and the two codes of an importer that has none.

Source: 19 CFR 101.10; ACE ABI CATAIR Importer/Bond Query v7, record K7, positions 34-39 (codes).
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, NamedTuple


class Center(NamedTuple):
    """One Center: `id` is its number (1 to 10), `team_digit` the third character of its teams' numbers."""

    id: int
    name: str
    slug: str
    field_office: str
    ace_code: str
    team_digit: str
    industries: tuple[str, ...]


PENDING_CODE: Final = "PNDING"
"""In place of a Center's ACE code: no Center yet, port teams keep the work (P16)."""
NOT_ELIGIBLE_CODE: Final = "NOTELG"
"""In place of a Center's ACE code: no Center takes the importer, ports keep the work (P17)."""


@cache
def centers() -> tuple[Center, ...]:
    """Return the ten Centers in the order of their numbers."""
    text = files("streams.customs.data").joinpath("centers.csv").read_text("utf-8")
    return tuple(_center(row) for row in csv.DictReader(text.splitlines()))


def _center(row: Mapping[str, str]) -> Center:
    return Center(
        id=int(row["center_id"]),
        name=row["name"],
        slug=row["slug"],
        field_office=row["field_office"],
        ace_code=row["ace_center_code"],
        team_digit=row["team_third_digit"],
        industries=tuple(phrase.strip() for phrase in row["industries"].split(";")),
    )


def center_by_id(number: int) -> Center:
    """Return the Center with a number from 1 to 10. Raises `KeyError` for any other."""
    return _by_id()[number]


def center_by_slug(slug: str) -> Center:
    """Return the Center whose topics and decisions carry a slug. Raises `KeyError` where there is none."""
    return _by_slug()[slug]


@cache
def _by_id() -> Mapping[int, Center]:
    return MappingProxyType({center.id: center for center in centers()})


@cache
def _by_slug() -> Mapping[str, Center]:
    return MappingProxyType({center.slug: center for center in centers()})
