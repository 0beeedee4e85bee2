"""Write AE batches: valid records from the contract's summaries, for samples and tests.

What a summary's fields do not tell and the layout asks for is filled in plainly: a signature, cash deposits of
AD/CVD, a deposit rate of zero. A batch that is read back gives the same summary.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from streams.ports.abi.answer_writer import Answered, answer_text
from streams.ports.abi.codes import code_set
from streams.ports.abi.record_writer import enveloped, record_text
from streams.ports.abi.totals import PROCESSING_FEE

__all__ = ["Answered", "Filed", "answer_text", "batch_text", "record_text", "summary_records"]

Summary = Mapping[str, Any]

EXPLANATION_LENGTH: Final = 75
CLASSES_A_RECORD: Final = 5
REASONS_A_RECORD: Final = 5
INFORMAL_TYPES: Final = frozenset({"11", "12"})
INFORMAL_FEE: Final = "311"


@dataclass(frozen=True, slots=True)
class Filed:
    """One summary to write: `summary` has the contract's fields, `action` is A, R or D."""

    summary: Summary
    action: str = "A"
    is_correction: bool = False


def batch_text(filed: Iterable[Filed], *, batch_date: date, user_text: str = "", line_break: str = "\n") -> str:
    """Write one batch; consecutive summaries of one filer and port district share a block.

    Raises `ValueError` where a value does not fit its field.
    """
    records: list[str] = []
    for (filer, preparer, _), block in groupby(filed, key=_block_key):
        summaries = list(block)
        ends = {
            "processing_port": summaries[0].summary["port_of_entry"],
            "processing_filer": filer,
            "application_id": "AE",
        }
        records.append(record_text("B", {**ends, "preparer_filer": preparer}))
        for one in summaries:
            records.extend(summary_records(one))
        records.append(record_text("Y", ends))
    site = records[0][3:7] if records else "0000"
    opening = {"site_code": site, "batch_date": batch_date, "application_id": "AE", "user_text": user_text}
    return enveloped(records, opening, line_break)


def _block_key(filed: Filed) -> tuple[str, str, str]:
    summary = filed.summary
    return summary["filer_code"], summary.get("preparer_filer") or "", summary["port_of_entry"][:2]


def summary_records(filed: Filed) -> Iterator[str]:
    """Write the records of one summary, 10 to 90; a deletion is its header alone."""
    summary = filed.summary
    yield _header(filed)
    if filed.action == "D":
        return
    yield _content(summary)
    if summary.get("port_of_unlading") or summary.get("exam_port"):
        yield record_text("20", {name: summary.get(name) for name in ("port_of_unlading", "exam_port")})
    if summary.get("bond_type"):
        yield _bond(summary)
    fees = _Fees(summary)
    if fees.of_header:
        code = INFORMAL_FEE if summary["entry_type"] in INFORMAL_TYPES else PROCESSING_FEE
        yield record_text("34", {"class_code_1": code, "header_fee_1": fees.of_header})
        fees.totals[code] += fees.of_header
    yield from _correction(summary)
    line_reasons = [reason for reason in summary.get("psc_reasons") or () if reason.startswith("L")]
    for index, line in enumerate(summary["lines"]):
        start = index * REASONS_A_RECORD
        yield from _line_records(line, line_reasons[start : start + REASONS_A_RECORD])
    yield from _totals(summary, fees.totals)


def _header(filed: Filed) -> str:
    summary = filed.summary
    values = {
        "action": filed.action,
        "filer_code": summary["entry_number"][:3],
        "entry_number": summary["entry_number"][3:],
        "port_of_entry": summary["port_of_entry"],
        "entry_type": summary["entry_type"],
        "post_summary_correction": "Y" if filed.is_correction else "",
    }
    if filed.action != "D":
        values |= {
            "mode_of_transport": summary.get("mode_of_transport") or "",
            "electronic_signature": "X",
            "bond_waiver": "" if summary.get("bond_type") else "0",
            "bond_waiver_reason": summary.get("bond_waiver_reason") or "",
        }
    return record_text("10", values)


def _content(summary: Summary) -> str:
    return record_text(
        "11",
        {
            "importer_of_record": summary["importer_of_record"],
            "consignee": summary.get("consignee"),
            "designated_notify_party": summary.get("notify_party"),
            "estimated_entry_date": summary.get("estimated_entry_date"),
            "import_date": summary.get("import_date"),
        },
    )


def _bond(summary: Summary) -> str:
    return record_text(
        "31",
        {
            "bond_type": summary["bond_type"],
            "bond_designation": "B",
            "surety_code": summary.get("surety_code"),
            "single_transaction_amount": summary.get("bond_amount_usd"),
        },
    )


def _correction(summary: Summary) -> Iterator[str]:
    reasons = [reason for reason in summary.get("psc_reasons") or () if reason.startswith("H")]
    if reasons:
        yield record_text("35", {f"psc_header_reason_{place}": reason for place, reason in enumerate(reasons, 1)})
    explanation = summary.get("psc_explanation") or ""
    for start in range(0, len(explanation), EXPLANATION_LENGTH):
        yield record_text("36", {"psc_explanation": explanation[start : start + EXPLANATION_LENGTH]})


def _line_records(line: Summary, reasons: Sequence[str]) -> Iterator[str]:
    yield record_text(
        "40",
        {
            "line_id": line["line_id"],
            "article_set": line.get("article_set"),
            "country_of_origin": line["country_of_origin"],
            "country_of_export": line.get("country_of_export"),
            "special_program_claim": line.get("special_program"),
            "charges": line.get("charges_usd"),
            "gross_weight_kg": line.get("gross_weight_kg"),
        },
    )
    if line.get("manufacturer_id"):
        yield record_text("47", {"party_type": "M", "party_id": line["manufacturer_id"]})
    for tariff in line["tariffs"]:
        yield _tariff(tariff)
    for case in line.get("ad_cvd") or ():
        yield _case(case)
    # Taxes (60) before other revenue (61) before fees (62); Python's sort keeps the order within each.
    yield from sorted((_fee(fee) for fee in line.get("fees") or ()), key=lambda record: record[:2])
    if reasons:
        yield record_text("63", {f"psc_line_reason_{place}": reason for place, reason in enumerate(reasons, 1)})


def _tariff(tariff: Summary) -> str:
    values: dict[str, object] = {
        "htsus": tariff["htsus"],
        "duty": tariff["duty_cents"],
        "value": tariff["value_usd"],
    }
    for place, quantity in enumerate(tariff["quantities"], 1):
        values[f"quantity_{place}"] = quantity["quantity_hundredths"]
        values[f"uom_{place}"] = quantity["unit"]
    return record_text("50", {"uom_1": "X", **values})


def _case(case: Summary) -> str:
    return record_text(
        "53",
        {
            "case_number": case["case_number"],
            "bond_or_cash": "C",
            "deposit_rate": 0,
            "rate_type": "A",
            "case_duty": case["duty_cents"],
        },
    )


def _fee(fee: Summary) -> str:
    code, amount = fee["class_code"], fee["amount_cents"]
    if code in code_set("ir_tax_class"):
        return record_text("60", {"class_code": code, "ir_tax": amount})
    if code in code_set("user_fee_class"):
        return record_text("62", {"class_code": code, "user_fee": amount})
    return record_text("61", {"class_code": code, "other_revenue": amount})


class _Fees:
    """The fee totals by class that make the summary's declared total: bounds of the processing fee included."""

    def __init__(self, summary: Summary) -> None:
        self.totals: Counter[str] = Counter()
        self.of_header = 0
        for line in summary["lines"]:
            for fee in line.get("fees") or () if line.get("article_set") != "V" else ():
                if fee["class_code"] in code_set("user_fee_class"):
                    self.totals[fee["class_code"]] += fee["amount_cents"]
        missing = summary["totals"]["fee_cents"] - self.totals.total()
        if PROCESSING_FEE in self.totals:
            self.totals[PROCESSING_FEE] = max(0, self.totals[PROCESSING_FEE] + missing)
        else:
            self.of_header = max(0, missing)


def _totals(summary: Summary, fees: Mapping[str, int]) -> Iterator[str]:
    totals = summary["totals"]
    cases = [case for line in summary["lines"] if line.get("article_set") != "V" for case in line.get("ad_cvd") or ()]
    if cases:
        sums: Counter[str] = Counter()
        for case in cases:
            sums[case["case_number"][0]] += case["duty_cents"]
        yield record_text("88", {"total_cash_ad": sums["A"], "total_cash_cvd": sums["C"]})
    codes = list(fees)
    for start in range(0, len(codes), CLASSES_A_RECORD):
        values: dict[str, object] = {}
        for place, code in enumerate(codes[start : start + CLASSES_A_RECORD], 1):
            values |= {f"class_code_{place}": code, f"total_fee_{place}": fees[code]}
        yield record_text("89", values)
    yield record_text(
        "90",
        {
            "total_duty": totals["duty_cents"],
            "total_user_fees": totals["fee_cents"],
            "total_ir_tax": totals["tax_cents"],
            "total_ad": totals["ad_cents"],
            "total_cvd": totals["cvd_cents"],
            "total_other_revenue": totals["other_cents"],
        },
    )
