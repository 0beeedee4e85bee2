"""The ten Centers of Excellence and Expertise, and the two states of an importer that has none.

Source: 19 CFR 101.10; ACE ABI CATAIR Importer/Bond Query v7, record K7, positions 34-39 (codes).
"""

import csv
from collections.abc import Mapping
from enum import Enum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple


class Center(NamedTuple):
    """One Center: `id` is its number (1 to 10), `team_digit` the third character of its teams' numbers."""

    id: int
    name: str
    slug: str
    field_office: str
    ace_code: str
    team_digit: str
    industries: tuple[str, ...]


class Unplaced(Enum):
    """Why no Center has an importer; the value is the code that ACE shows in place of a Center's."""

    PENDING = "PNDING"
    """No Center yet: port teams keep the work (P16)."""
    NOT_ELIGIBLE = "NOTELG"
    """No Center takes the importer; ports keep the work (P17)."""


PENDING = Unplaced.PENDING
NOT_ELIGIBLE = Unplaced.NOT_ELIGIBLE


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


def center_by_ace_code(code: str) -> Center | Unplaced:
    """Return what an ACE code stands for: `CEE001` ... `CEE010`, `PNDING`, `NOTELG`. Raises `KeyError` for others."""
    return _by_ace_code()[code]


def center_by_team(team_number: str) -> Center | None:
    """Return the Center that a team number shows by its third character, or None where it shows none.

    A fallback only: an explicit Center code is better, and 0 for Machinery is inferred from its code 010.
    """
    return _by_team_digit().get(team_number[2:])


@cache
def _by_id() -> Mapping[int, Center]:
    return MappingProxyType({center.id: center for center in centers()})


@cache
def _by_slug() -> Mapping[str, Center]:
    return MappingProxyType({center.slug: center for center in centers()})


@cache
def _by_ace_code() -> Mapping[str, Center | Unplaced]:
    codes: dict[str, Center | Unplaced] = {center.ace_code: center for center in centers()}
    return MappingProxyType(codes | {state.value: state for state in Unplaced})


@cache
def _by_team_digit() -> Mapping[str, Center]:
    return MappingProxyType({center.team_digit: center for center in centers()})
