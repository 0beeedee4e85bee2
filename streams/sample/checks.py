"""What parameters of the sample must hold, so that the sample can be made and is of this world."""

from dataclasses import fields
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from streams.sample.parameters import SampleParameters

MAX_LINES: Final = 998
MAX_TARIFFS: Final = 32
MAX_PORTS: Final = 60
HOURS: Final = 24
EXACT: Final = 1e-6

PAIRS: Final = ("switch_between_days", "protest_filed_days", "late_days")
GROUPS: Final = ("port_classes", "tariff_classes", "entry_types")
LENGTHS: Final = {"weekday_weights": 7, "month_weights": 12, "center_numbers": 10}


class ParameterError(ValueError):
    """A parameter that the sample cannot be made with; the text is one sentence that names it."""


def check(parameters: "SampleParameters") -> None:
    """Raise `ParameterError` for the first parameter that cannot be used."""
    _check_size(parameters)
    _check_shares(parameters)
    for name in PAIRS:
        low, high = getattr(parameters, name)
        _require(0 <= low <= high, name, "is a range from a lower to a higher number of days")
    for name in GROUPS:
        total = sum(row[0] if isinstance(row[0], float) else row[1] for row in getattr(parameters, name))
        _require(abs(total - 1) < EXACT, name, f"has shares that add up to {total:g} and not to 1")
    _check_classes(parameters)
    for name in ("lines_knots", "protest_entries"):
        knots = getattr(parameters, name)
        _require(knots[0][0] == 0 and knots[-1][0] == 1 and list(knots) == sorted(knots), name, "rises from 0 to 1")
    least, most = parameters.lines_knots[0][1], parameters.lines_knots[-1][1]
    _require(1 <= least <= most <= MAX_LINES, "lines_knots", f"lies within 1 to {MAX_LINES}")


def _check_size(parameters: "SampleParameters") -> None:
    """Check scale, days and stripes."""
    _require(0 < parameters.scale <= 1, "scale", "is a fraction above 0 and up to 1, such as 1/1000")
    _require(parameters.total_summaries >= 1, "scale", "leaves not a single summary")
    _require(parameters.stripes >= 1, "stripes", "is at least 1")
    _require(parameters.first_entry_on <= parameters.last_entry_on, "last_entry_on", "is before the first entry day")
    _require(parameters.last_entry_on <= parameters.end_on, "end_on", "is before the last entry day")
    for name, count in LENGTHS.items():
        _require(len(getattr(parameters, name)) == count, name, f"has {count} weights")
    _require(1 <= parameters.peak_factor <= HOURS, "peak_factor", f"is between 1 and {HOURS}")


def _check_shares(parameters: "SampleParameters") -> None:
    """Check that every share is a fraction of 1, and that those that exclude each other fit together."""
    for field in fields(parameters):
        value = getattr(parameters, field.name)
        if isinstance(value, float) and field.name != "peak_factor":
            _require(0 <= value <= 1, field.name, "is a share between 0 and 1")
    _require(parameters.rejected_share <= parameters.replacement_share, "rejected_share", "is part of the replacements")
    gone = parameters.cancelled_share + parameters.inactivated_share + parameters.deleted_share
    _require(gone + parameters.rejected_share <= 1, "cancelled_share", "leaves no summary that lives")
    persons = parameters.assigned_number_share + parameters.social_security_share
    _require(persons <= 1, "assigned_number_share", "and the social security share are more than all importers")
    _require(sum(share for _, share in parameters.chapter_value_shares) <= 1, "chapter_value_shares", "is more than 1")


def _check_classes(parameters: "SampleParameters") -> None:
    """Check the classes of ports and of tariff numbers against what exists."""
    for name, most in (("port_classes", MAX_PORTS), ("tariff_classes", MAX_TARIFFS)):
        for _, low, high in getattr(parameters, name):
            _require(1 <= low <= high <= most, name, f"ranges within 1 to {most}")


def _require(holds: bool, name: str, rule: str) -> None:  # noqa: FBT001 - reads as the sentence it checks
    """Raise the error that names parameter and rule unless the rule holds."""
    if not holds:
        message = f"{name} {rule}"
        raise ParameterError(message)
