"""What a sample cannot be made from is refused with the parameter's name."""

import ast
import inspect
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from streams.sample.checks import ParameterError
from streams.sample.national import NationalSample
from streams.sample.parameters import SampleParameters


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"scale": Fraction(0)}, "scale"),
        ({"scale": Fraction(2)}, "scale"),
        ({"scale": Fraction(1, 10**9)}, "scale"),
        ({"stripes": 0}, "stripes"),
        ({"last_entry_on": date(2024, 12, 31)}, "last_entry_on"),
        ({"end_on": date(2026, 2, 27)}, "end_on"),
        ({"weekday_weights": (1.0,)}, "weekday_weights"),
        ({"month_weights": (1.0,)}, "month_weights"),
        ({"center_numbers": (1,)}, "center_numbers"),
        ({"peak_factor": 25.0}, "peak_factor"),
        ({"late_share": 1.5}, "late_share"),
        ({"duplicate_share": -0.1}, "duplicate_share"),
        ({"rejected_share": 0.5}, "rejected_share"),
        ({"cancelled_share": 0.99}, "cancelled_share"),
        ({"assigned_number_share": 1.0}, "assigned_number_share"),
        ({"chapter_value_shares": (("84", 0.7), ("85", 0.7))}, "chapter_value_shares"),
        ({"entry_types": (("01", 0.5),)}, "entry_types"),
        ({"port_classes": ((1.0, 0, 1),)}, "port_classes"),
        ({"port_classes": ((1.0, 1, 61),)}, "port_classes"),
        ({"tariff_classes": ((1.0, 1, 33),)}, "tariff_classes"),
        ({"late_days": (3, 1)}, "late_days"),
        ({"lines_knots": ((0.0, 1), (1.0, 999))}, "lines_knots"),
        ({"lines_knots": ((0.0, 5), (0.5, 2), (0.4, 3), (1.0, 9))}, "lines_knots"),
        ({"protest_entries": ((0.1, 1), (1.0, 200))}, "protest_entries"),
    ],
)
def test_an_impossible_parameter_is_refused_by_name(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ParameterError, match=f"^{named} "):
        SampleParameters(**change)


def test_one_in_a_thousand_is_36_700_summaries_of_1_000_importers() -> None:
    parameters = SampleParameters(scale=Fraction(1, 1000))

    assert (parameters.total_summaries, parameters.total_importers) == (36_700, 1_000)


def test_the_nation_is_36_7_million_summaries_of_330_000_importers() -> None:
    parameters = SampleParameters(scale=Fraction(1))

    assert (parameters.total_summaries, parameters.total_importers) == (36_700_000, 330_000)


def test_nothing_of_the_sample_lies_in_the_future_of_those_who_load_it() -> None:
    assert SampleParameters().end_on < date(2026, 9, 1)


def test_every_parameter_says_what_it_assumes() -> None:
    (made,) = ast.parse(inspect.getsource(SampleParameters)).body
    assert isinstance(made, ast.ClassDef)
    body = made.body[1:]

    silent = 0
    for statement in body:
        if isinstance(statement, ast.AnnAssign):
            silent += 1
            assert silent <= 3, f"{ast.unparse(statement.target)} is not explained"
        elif isinstance(statement, ast.Expr):
            silent = 0
        else:
            break
    assert silent == 0


@pytest.mark.parametrize(("part", "parts"), [(1, 1), (-1, 2), (0, 0), (0, 61)])
def test_a_part_that_does_not_exist_is_refused(part: int, parts: int) -> None:
    with pytest.raises(ParameterError, match=f"part {part} of {parts} does not exist"):
        NationalSample().events(part, parts)
