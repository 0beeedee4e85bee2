"""The code sets that AE fields are checked against.

The tables are `streams/ports/data/codes.csv` and `ports.csv`. The list of ports is known to be incomplete: a port
that it lacks is worth a notice, never a fault.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from streams.ports.numbers import CBP_NUMBER, CONSOLIDATED, FILER_CODE, IRS_NUMBER, SOCIAL_SECURITY_NUMBER

# Codes that changed over time and stand in older files: Burma was BU until 2026 (CATAIR Appendix B).
RETIRED_COUNTRIES: Final = frozenset({"BU"})


class CodeRule(NamedTuple):
    """What a filled field of a record may hold; `remedy` says where the right value is found."""

    record: str
    fields: tuple[str, ...]
    allows: Callable[[str], object]
    meaning: str
    remedy: str


@cache
def code_set(name: str) -> frozenset[str]:
    """Read one code set; raises `KeyError` for an unknown name."""
    return _code_sets()[name]


@cache
def known_ports() -> frozenset[str]:
    """Read the four-digit codes of the ports that we know."""
    return frozenset(row["port_code"] for row in _rows("ports.csv"))


@cache
def code_rules() -> Mapping[str, tuple[CodeRule, ...]]:
    """Give the rules by record."""
    rules: dict[str, tuple[CodeRule, ...]] = {}
    for rule in _rules():
        rules[rule.record] = (*rules.get(rule.record, ()), rule)
    return rules


@cache
def _code_sets() -> Mapping[str, frozenset[str]]:
    sets: dict[str, set[str]] = {}
    for row in _rows("codes.csv"):
        sets.setdefault(row["code_set"], set()).add(row["code"])
        if row["note"] == "filed with AE":
            sets.setdefault("entry_type_of_ae", set()).add(row["code"])
    return {name: frozenset(codes) for name, codes in sets.items()}


def _rows(table: str) -> Iterator[Mapping[str, str]]:
    yield from csv.DictReader(files("streams.ports.data").joinpath(table).read_text("utf-8").splitlines())


def _one_of(codes: str) -> tuple[Callable[[str], object], str]:
    return frozenset(codes.split()).__contains__, f"one of {', '.join(codes.split())}"


def _listed(name: str) -> Callable[[str], object]:
    return code_set(name).__contains__


def _matches(pattern: re.Pattern[str]) -> Callable[[str], object]:
    return pattern.fullmatch


PORT: Final = re.compile(r"\d{4}")
PARTY: Final = re.compile("|".join(p.pattern for p in (IRS_NUMBER, SOCIAL_SECURITY_NUMBER, CBP_NUMBER)))
# 00-0000000 stands for the consignee of consolidated entries; nobody imports under it.
IMPORTER: Final = re.compile(rf"(?!{CONSOLIDATED})(?:{PARTY.pattern})")
# 8 digits where no longer number exists, else 10; chapters 01-99 without 77.
HTSUS: Final = re.compile(r"(?!00|77)\d{8}(?:\d{2})?")
AD_CVD_CASE: Final = re.compile(r"[AC][A-Z0-9]{9}")
THREE_CHARACTERS: Final = re.compile(r"[A-Z0-9]{3}")
LINE_ID: Final = re.compile(r"[^* ]{3}")

PORT_REMEDY: Final = "give district and port, four digits"
PARTY_REMEDY: Final = "give NN-NNNNNNN with or without suffix, NNN-NN-NNNN or YYDDPP-NNNNN"
LIST_REMEDY: Final = "take a code of CATAIR Appendix B"


def _rules() -> Iterator[CodeRule]:
    yield from _header_rules()
    yield from _line_rules()
    yield from _total_rules()
    yield from _answer_rules()


def _header_rules() -> Iterator[CodeRule]:
    yield CodeRule("10", ("action",), *_one_of("A R D"), "give A (add), R (replace) or D (delete)")
    yield CodeRule("10", ("filer_code",), _matches(FILER_CODE), "a filer code", "give the filer's three characters")
    yield CodeRule("10", ("port_of_entry",), _matches(PORT), "a port code", PORT_REMEDY)
    yield CodeRule(
        "10", ("entry_type",), _listed("entry_type_of_ae"), "an entry type filed with AE", "give a type filed with AE"
    )
    yield CodeRule("10", ("mode_of_transport",), _listed("mode_of_transport"), "a mode of transport", LIST_REMEDY)
    yield CodeRule("10", ("bond_waiver",), *_one_of("0"), "give 0 or leave it blank")
    yield CodeRule("10", ("electronic_signature",), *_one_of("X"), "give X")
    yield CodeRule("10", ("payment_type",), _listed("payment_type"), "a payment type", "give 1, 2, 3, 5, 6, 7 or 8")
    yield CodeRule(
        "10", ("bond_waiver_reason",), _listed("bond_waiver_reason"), "a bond waiver reason", "give 995 to 999"
    )
    yield CodeRule("11", ("importer_of_record",), _matches(IMPORTER), "an importer number in use", PARTY_REMEDY)
    yield CodeRule("11", ("consignee", "designated_notify_party"), _matches(PARTY), "a party number", PARTY_REMEDY)
    yield CodeRule("20", ("port_of_unlading", "exam_port"), _matches(PORT), "a port code", PORT_REMEDY)
    yield CodeRule("23", ("manifest_component_type",), *_one_of("I M H S"), "give I, M, H or S")
    yield CodeRule("30", ("warehouse_entry_port",), _matches(PORT), "a port code", PORT_REMEDY)
    yield CodeRule("31", ("bond_type",), _listed("bond_type"), "a bond type", "give 8 (continuous) or 9 (single)")
    yield CodeRule("31", ("bond_designation",), *_one_of("B A U E"), "give B, A, U or E")
    yield CodeRule("34", ("class_code_1", "class_code_2"), _listed("user_fee_class"), "a fee class", LIST_REMEDY)
    reasons = tuple(f"psc_header_reason_{number}" for number in range(1, 6))
    yield CodeRule("35", reasons, _listed("psc_header_reason"), "a header reason", "give H01 to H14 or H99")


def _line_rules() -> Iterator[CodeRule]:
    origins = (code_set("country") | code_set("origin_province") | RETIRED_COUNTRIES).__contains__
    countries = (code_set("country") | RETIRED_COUNTRIES).__contains__
    yield CodeRule("40", ("line_id",), _matches(LINE_ID), "a line number", "give three characters, none blank or *")
    yield CodeRule("40", ("article_set",), _listed("article_set"), "X or V", "give X (header), V (component) or blank")
    yield CodeRule("40", ("country_of_origin",), origins, "a country or Canadian province", LIST_REMEDY)
    yield CodeRule("40", ("country_of_export",), countries, "a country", LIST_REMEDY)
    yield CodeRule("40", ("related_party",), *_one_of("Y N"), "give Y or N")
    yield CodeRule("41", ("ftz_status",), *_one_of("P N D"), "give P, N or D")
    yield CodeRule("43", ("ruling_type",), *_one_of("C P R"), "give C, P or R")
    yield CodeRule("47", ("party_type",), *_one_of("M C S E"), "give M, C, S or E")
    yield CodeRule(
        "50", ("htsus",), _matches(HTSUS), "an HTSUS number", "give 10 digits (8 where no longer one exists), no dots"
    )
    yield CodeRule("50", ("uom_1", "uom_2", "uom_3"), _listed("uom"), "a unit of measure", LIST_REMEDY)
    yield CodeRule(
        "53", ("case_number",), _matches(AD_CVD_CASE), "an AD/CVD case", "give A or C and nine characters, no hyphens"
    )
    yield CodeRule("53", ("bond_or_cash",), *_one_of("B C"), "give B or C")
    yield CodeRule("53", ("rate_type",), *_one_of("A S"), "give A or S")
    yield CodeRule("60", ("class_code",), _listed("ir_tax_class"), "a tax class", "give 016, 017, 018 or 022")
    yield CodeRule("62", ("class_code",), _listed("user_fee_class"), "a fee class", LIST_REMEDY)
    reasons = tuple(f"psc_line_reason_{number}" for number in range(1, 6))
    yield CodeRule("63", reasons, _listed("psc_line_reason"), "a line reason", "give L01 to L31")


def _total_rules() -> Iterator[CodeRule]:
    classes = tuple(f"class_code_{number}" for number in range(1, 6))
    yield CodeRule("89", classes, _listed("user_fee_class"), "a fee class", LIST_REMEDY)


def _answer_rules() -> Iterator[CodeRule]:
    again = "fetch the answer again"
    yield CodeRule("AX:E1", ("disposition",), *_one_of("A R"), again)
    yield CodeRule("AX:E1", ("condition_code",), _matches(THREE_CHARACTERS), "a condition code", again)
