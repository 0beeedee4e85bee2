"""Sums of the lines against the totals of records 88, 89 and 90.

Components of an article set (`V`) do not count: their header carries the amounts. A line's share of the
merchandise processing fee is not bounded, the summary's total is: it may be the year's minimum or maximum.
Source: ACE ABI CATAIR Entry Summary Create/Update, record notes; fee limits as published for each fiscal year.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from streams.ports.abi.faults import Fault, Stage, field_fault
from streams.ports.abi.fields import ReadRecord
from streams.ports.abi.layout import layouts

PROCESSING_FEE: Final = "499"
# Minimum and maximum in cents by fiscal year (from 1 October of the year before). Other years: any total between.
PROCESSING_FEE_LIMITS: Final[Mapping[int, tuple[int, int]]] = {2026: (3358, 65150), 2027: (3458, 67086)}


class LineSums:
    """What the lines of a summary add up to, in cents."""

    def __init__(self, records: Sequence[ReadRecord]) -> None:
        self.duty = self.tax = self.other = 0
        self.fees: Counter[str] = Counter()
        self.cases: Counter[str] = Counter()
        self.fee_lines = 0
        counts = True
        for read in records:
            if read.id == "40":
                counts = read.values.get("article_set") != "V"
            elif read.id == "34":
                self._add_header_fees(read)
            elif counts and read.id in ADDENDS:
                self._add(read)

    def _add(self, read: ReadRecord) -> None:
        match read.id:
            case "50":
                self.duty += read.cents("duty")
            case "53":
                self.cases[read.values["case_number"][0] + read.values["bond_or_cash"]] += read.cents("case_duty")
            case "60":
                self.tax += read.cents("ir_tax")
            case "61":
                self.other += read.cents("other_revenue")
            case _:
                self.fees[read.values["class_code"]] += read.cents("user_fee")
                self.fee_lines += read.values["class_code"] == PROCESSING_FEE

    def _add_header_fees(self, read: ReadRecord) -> None:
        for place in (1, 2):
            code = read.text(f"class_code_{place}")
            if code:
                self.fees[code] += read.cents(f"header_fee_{place}")


ADDENDS: Final = frozenset({"50", "53", "60", "61", "62"})
SUMMED: Final = ADDENDS | {"34", "88", "89", "90"}
"""Records that have to be sound for the totals to be compared."""

CASE_TOTALS: Final[Mapping[str, str]] = {
    "total_bonded_ad": "AB",
    "total_cash_ad": "AC",
    "total_bonded_cvd": "CB",
    "total_cash_cvd": "CC",
}


def total_faults(batch: int, records: Sequence[ReadRecord], day: date | None) -> Iterator[Fault]:
    """Compare the lines' sums with what records 88, 89 and 90 say; `day` chooses the year's fee limits.

    Takes the records of one added or replaced summary, free of faults, with one record 90.
    """
    sums = LineSums(records)
    totals = [read for read in records if read.id in {"88", "89", "90"}]
    grand = totals[-1]
    declared = _declared_fees(totals)
    yield from _fee_faults(batch, sums, totals, declared, day)
    yield from _case_faults(batch, sums, totals)
    yield from _unequal(batch, grand, "total_duty", sums.duty, "the lines' duty")
    yield from _unequal(batch, grand, "total_user_fees", sum(declared.values()), "the fees of record 89")
    yield from _unequal(batch, grand, "total_ir_tax", sums.tax, "the lines' tax")
    yield from _unequal(batch, grand, "total_other_revenue", sums.other, "the lines' other revenue")
    for name, kind in (("total_ad", "A"), ("total_cvd", "C")):
        cash, all_of_it = sums.cases[kind + "C"], sums.cases[kind + "C"] + sums.cases[kind + "B"]
        # Whether bonded duty counts into the grand total is not settled by the sources: both are accepted.
        if grand.cents(name) != all_of_it:
            yield from _unequal(batch, grand, name, cash, "the lines' cash deposits")


def _declared_fees(totals: Sequence[ReadRecord]) -> Counter[str]:
    fees: Counter[str] = Counter()
    for read in totals:
        for place in range(1, 6) if read.id == "89" else ():
            code = read.text(f"class_code_{place}")
            if code:
                fees[code] += read.cents(f"total_fee_{place}")
    return fees


def _fee_faults(
    batch: int, sums: LineSums, totals: Sequence[ReadRecord], declared: Counter[str], day: date | None
) -> Iterator[Fault]:
    for read in totals:
        for place in range(1, 6) if read.id == "89" else ():
            code = read.text(f"class_code_{place}")
            if code and not _fee_agrees(code, sums, declared[code], day):
                wrong = f"class {code} has {_dollars(declared[code])}, the lines add up to {_dollars(sums.fees[code])}"
                item = layouts()["89"].field(f"total_fee_{place}")
                yield field_fault(Stage.TOTALS, batch, read.record, item, wrong, "correct the total or the lines")
    for code in sorted(code for code in sums.fees if sums.fees[code] and code not in declared):
        item = layouts()["90"].field("total_user_fees")
        wrong = f"the lines have fees of class {code}, record 89 has no total for it"
        yield field_fault(Stage.TOTALS, batch, totals[-1].record, item, wrong, "add the class to record 89")


def _fee_agrees(code: str, sums: LineSums, declared: int, day: date | None) -> bool:
    due = sums.fees[code]
    if code != PROCESSING_FEE or declared == due:
        return declared == due
    # Each line's share is rounded to a cent, the total is rounded once.
    if 2 * abs(declared - due) <= sums.fee_lines:
        return True
    limits = PROCESSING_FEE_LIMITS.get(day.year + (day.month >= FISCAL_YEAR_BEGINS)) if day else None
    if limits is None:
        return True
    minimum, maximum = limits
    return (declared == minimum and due < minimum) or (declared == maximum and due > maximum)


FISCAL_YEAR_BEGINS: Final = 10


def _case_faults(batch: int, sums: LineSums, totals: Sequence[ReadRecord]) -> Iterator[Fault]:
    case_totals = [read for read in totals if read.id == "88"]
    for name, kind in CASE_TOTALS.items():
        if case_totals:
            yield from _unequal(batch, case_totals[0], name, sums.cases[kind], "the lines' cases")
    if not case_totals and any(sums.cases.values()):
        item = layouts()["90"].field("total_ad")
        wrong = "the lines have antidumping or countervailing duty, the summary has no record 88"
        yield field_fault(Stage.TOTALS, batch, totals[-1].record, item, wrong, "add record 88")


def _unequal(batch: int, read: ReadRecord, name: str, due: int, what: str) -> Iterator[Fault]:
    if read.cents(name) != due:
        wrong = f"{_dollars(read.cents(name))} is not what {what} add up to, {_dollars(due)}"
        item = layouts()[read.id].field(name)
        yield field_fault(Stage.TOTALS, batch, read.record, item, wrong, "correct the total or the lines")


def _dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
