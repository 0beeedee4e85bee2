"""The structure map as a pattern and as a walk say the same of every sequence of records."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.ports.abi.faults import Record
from streams.ports.abi.structure import SUMMARY, Loop, order_faults, structure_records

IN_ORDER = [
    *("10", "11", "20", "21", "22", "23", "30", "31", "32", "33", "34", "35", "36"),
    *("40", "41", "42", "43", "44", "47", "50", "51", "52", "53", "54", "60", "61", "62", "63", "CW02"),
    *("88", "89", "90"),
]
OF_LINES = IN_ORDER[13:29]


def broken(identifiers: list[str], *, is_deletion: bool = True) -> list[str]:
    """Return what a sequence of records breaks."""
    records = [Record(number, identifier, "".ljust(80)) for number, identifier in enumerate(identifiers, 1)]
    return [fault.wrong for fault in order_faults(1, records, is_deletion=is_deletion)]


def independent_pattern(loop: Loop) -> str:
    """Write the table as a pattern over spelled-out identifiers, plainly and with backtracking."""
    parts = []
    for part in loop.parts:
        if isinstance(part, Loop):
            parts.append(f"(?:(?!,|$){independent_pattern(part)}){{0,{part.at_most}}}")
        else:
            parts.append(f"(?:{part.record},){{{part.at_least},{part.at_most}}}")
    return "".join(parts)


PATTERN = re.compile(independent_pattern(SUMMARY))


@settings(max_examples=400)
@given(st.lists(st.sampled_from(IN_ORDER[1:]), max_size=8), st.booleans())
def test_the_walk_names_a_fault_exactly_where_the_pattern_does_not_match(drawn: list[str], is_sorted: bool) -> None:  # noqa: FBT001 - drawn
    """Sequences in the map's order and out of it."""
    rest = sorted(drawn, key=IN_ORDER.index) if is_sorted else drawn
    word = ["10", *rest]

    fits = PATTERN.fullmatch("".join(f"{identifier}," for identifier in word)) is not None

    assert fits == (not broken(word))


@given(st.lists(st.lists(st.sampled_from(OF_LINES[1:]), max_size=4), min_size=1, max_size=4))
def test_lines_repeat_as_a_whole(lines: list[list[str]]) -> None:
    """Each line begins with 40, has a 50, and follows the map's order."""
    sound = [["40", *sorted({"50", *line}, key=OF_LINES.index)] for line in lines]

    assert broken(["10", "11", *(record for line in sound for record in line), "90"], is_deletion=False) == []


def test_an_unknown_record_may_be_the_one_that_is_missed() -> None:
    """A record whose identifier is damaged is a fault of its own; nothing is said to be missing beside it."""
    assert broken(["10", "", "40", "50", "90"], is_deletion=False) == []
    assert broken(["10", "11", "40", "", "62", "90"], is_deletion=False) == []


def test_every_record_of_the_layout_has_its_place() -> None:
    """What the layout describes for a summary can stand in one."""
    assert structure_records() == set(IN_ORDER)
