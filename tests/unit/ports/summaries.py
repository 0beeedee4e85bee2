"""Random entry summaries as the contract has them, sound in every sum and code."""

import string
from datetime import date
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st

from streams.ports.abi.codes import code_set
from streams.ports.numbers import check_digit

Fields = dict[str, Any]

DAYS: Final = st.dates(date(1990, 1, 1), date(2026, 10, 1))
PORTS: Final = st.integers(101, 5599).map("{:04d}".format)
CENTS: Final = st.integers(0, 10**7)
MOST_FEE: Final = 10**5


@cache
def codes(name: str) -> st.SearchStrategy[str]:
    """Draw a code of a set."""
    return st.sampled_from(sorted(code_set(name)))


def text(alphabet: str, least: int, most: int) -> st.SearchStrategy[str]:
    """Draw a text without blanks at its ends."""
    return st.text(alphabet, min_size=least, max_size=most)


CAPITALS: Final = string.ascii_uppercase + string.digits


@st.composite
def entry_numbers(draw: st.DrawFn, filers: tuple[str, ...] = ("B76", "ABC", "9ZZ")) -> str:
    """Draw an entry number with its check digit."""
    number = draw(st.sampled_from(filers)) + draw(st.integers(0, 9_999_999).map("{:07d}".format))
    return f"{number}{check_digit(number)}"


PARTIES: Final = st.one_of(
    st.from_regex(r"[1-9][0-9]-[0-9]{7}[A-Z0-9]{2}", fullmatch=True),
    st.from_regex(r"[0-9]{6}-[0-9]{5}", fullmatch=True),
    st.from_regex(r"[0-9]{3}-[0-9]{2}-[0-9]{4}", fullmatch=True),
)


@st.composite
def tariffs(draw: st.DrawFn) -> Fields:
    """Draw a tariff number with what rests on it."""
    chapter = draw(st.integers(1, 99).filter(lambda number: number != 77))
    rest = draw(st.sampled_from([6, 8]))
    units = draw(st.lists(codes("uom").filter(lambda unit: unit != "X"), max_size=3))
    amounts = st.integers(0, 10**12 - 1)
    quantities: list[Fields] = [{"quantity_hundredths": draw(amounts), "unit": unit} for unit in units]
    return {
        "htsus": f"{chapter:02d}" + draw(text(string.digits, rest, rest)),
        "duty_cents": draw(CENTS),
        "value_usd": draw(st.integers(0, 10**10 - 1)),
        "quantities": quantities or [{"quantity_hundredths": None, "unit": "X"}],
    }


@st.composite
def fees(draw: st.DrawFn) -> list[Fields]:
    """Draw the taxes and fees of a line, taxes first, the processing fee left out."""
    taxes = draw(st.lists(codes("ir_tax_class"), max_size=2, unique=True))
    others = codes("user_fee_class").filter(lambda code: code != "499")
    classes = [*taxes, *draw(st.lists(others, max_size=3, unique=True))]
    return [{"class_code": code, "amount_cents": draw(st.integers(0, MOST_FEE))} for code in classes]


@st.composite
def lines(draw: st.DrawFn, number: int, article_set: str) -> Fields:
    """Draw a line."""
    return {
        "line_id": f"{number:03d}",
        "article_set": article_set,
        "country_of_origin": draw(codes("country")),
        "country_of_export": draw(st.none() | codes("country")),
        "special_program": draw(st.none() | st.sampled_from(["S+", "A", "E*", "JO"])),
        "charges_usd": draw(st.none() | st.integers(0, 10**10 - 1)),
        "gross_weight_kg": draw(st.none() | st.integers(0, 10**10 - 1)),
        "manufacturer_id": draw(st.none() | text(CAPITALS, 1, 15)),
        "tariffs": draw(st.lists(tariffs(), min_size=1, max_size=3)),
        "ad_cvd": [
            {"case_number": draw(st.sampled_from("AC")) + draw(text(string.digits, 9, 9)), "duty_cents": draw(CENTS)}
            for _ in range(draw(st.sampled_from([0, 0, 1, 2])))
        ],
        "fees": draw(fees()),
    }


def totals(drawn: list[Fields]) -> Fields:
    """Add the lines up, components of article sets left out."""
    counted = [line for line in drawn if line["article_set"] != "V"]
    paid = [fee for line in counted for fee in line["fees"]]
    cases = [case for line in counted for case in line["ad_cvd"]]
    taxes = code_set("ir_tax_class")
    return {
        "duty_cents": sum(tariff["duty_cents"] for line in counted for tariff in line["tariffs"]),
        "fee_cents": sum(fee["amount_cents"] for fee in paid if fee["class_code"] not in taxes),
        "tax_cents": sum(fee["amount_cents"] for fee in paid if fee["class_code"] in taxes),
        "ad_cents": sum(case["duty_cents"] for case in cases if case["case_number"].startswith("A")),
        "cvd_cents": sum(case["duty_cents"] for case in cases if case["case_number"].startswith("C")),
        "other_cents": 0,
    }


@st.composite
def summaries(draw: st.DrawFn, *, is_correction: bool = False) -> Fields:
    """Draw a summary as a batch can tell it: without what only CBP's answers say."""
    number = draw(entry_numbers())
    marks = "".join(draw(st.lists(st.sampled_from(["-", "-", "XVV", "XVVV"]), min_size=1, max_size=3)))
    drawn = [draw(lines(place, mark.strip("-"))) for place, mark in enumerate(marks, 1)]
    bond = draw(st.sampled_from([None, "8", "9"]))
    reasons = draw(st.lists(codes("psc_header_reason"), min_size=1, max_size=5, unique=True)) if is_correction else []
    return {
        "entry_number": number,
        "filer_code": number[:3],
        "preparer_filer": draw(st.sampled_from([None, "ABC"])),
        "port_of_entry": draw(PORTS),
        "port_of_unlading": draw(st.none() | PORTS),
        "exam_port": draw(st.none() | PORTS),
        "entry_type": draw(codes("entry_type_of_ae")),
        "mode_of_transport": draw(st.none() | codes("mode_of_transport")),
        "importer_of_record": draw(PARTIES),
        "consignee": draw(st.none() | PARTIES | st.just("00-0000000")),
        "notify_party": draw(st.none() | PARTIES),
        "estimated_entry_date": draw(DAYS),
        "import_date": draw(st.none() | DAYS),
        "bond_type": bond,
        "surety_code": draw(text(CAPITALS, 3, 3)) if bond else None,
        "bond_amount_usd": draw(st.none() | st.integers(0, 10**9)) if bond else None,
        "bond_waiver_reason": draw(st.none() | codes("bond_waiver_reason")),
        "psc_reasons": reasons,
        "psc_explanation": draw(text(CAPITALS, 1, 200)) if is_correction else None,
        "totals": totals(drawn),
        "lines": drawn,
    }
