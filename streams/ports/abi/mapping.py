"""From the records of a faultless summary to the fields of the contract's `entry_summary`.

Where each field comes from: entry summary record, section 2. The port of entry is that of record 10, never the
block's. What only CBP's answers tell (version, time of acceptance, team, census warnings) is added with them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from streams.ports.abi.codes import code_set
from streams.ports.abi.dates import date_of
from streams.ports.abi.fields import ReadRecord
from streams.ports.numbers import CONSOLIDATED, normalised_importer_number

Fields = dict[str, Any]


def summary_fields(records: Sequence[ReadRecord], block: Mapping[str, str]) -> Fields:
    """Build the summary's fields from its records and its block's record B."""
    first = {read.id: read for read in reversed(records)}
    header, content, total = first["10"], first["11"], first["90"]
    return {
        "entry_number": header.values["filer_code"] + header.values["entry_number"],
        "filer_code": block.get("processing_filer") or header.values["filer_code"],
        "preparer_filer": block.get("preparer_filer") or None,
        "port_of_entry": header.values["port_of_entry"],
        "entry_type": header.values["entry_type"],
        "mode_of_transport": header.text("mode_of_transport"),
        "importer_of_record": normalised_importer_number(content.values["importer_of_record"]),
        "consignee": _party(content, "consignee"),
        "notify_party": _party(content, "designated_notify_party"),
        "estimated_entry_date": _date(content, "estimated_entry_date"),
        "import_date": _date(content, "import_date"),
        **_carriage(first.get("20")),
        **_bond(header, [read for read in records if read.id == "31"]),
        **_correction(records),
        "totals": {
            "duty_cents": total.cents("total_duty"),
            "fee_cents": total.cents("total_user_fees"),
            "tax_cents": total.cents("total_ir_tax"),
            "ad_cents": total.cents("total_ad"),
            "cvd_cents": total.cents("total_cvd"),
            "other_cents": total.cents("total_other_revenue"),
        },
        "lines": [_line(line) for line in _lines(records)],
    }


def _party(content: ReadRecord, name: str) -> str | None:
    text = content.text(name)
    if text == CONSOLIDATED:
        return text
    return normalised_importer_number(text) if text else None


def _date(read: ReadRecord, name: str) -> date | None:
    return date_of(read.values.get(name, ""))


def _carriage(carrier: ReadRecord | None) -> Fields:
    return {
        "port_of_unlading": carrier.text("port_of_unlading") if carrier else None,
        "exam_port": carrier.text("exam_port") if carrier else None,
    }


def _bond(header: ReadRecord, bonds: Sequence[ReadRecord]) -> Fields:
    """Describe the basic bond; an additional or substituted one stands in the second record 31."""
    basic = next((bond for bond in bonds if bond.values["bond_designation"] == "B"), bonds[0] if bonds else None)
    return {
        "bond_type": basic.text("bond_type") if basic else None,
        "surety_code": basic.text("surety_code") if basic else None,
        "bond_amount_usd": basic.number("single_transaction_amount") if basic else None,
        "bond_waiver_reason": header.text("bond_waiver_reason"),
    }


def _correction(records: Sequence[ReadRecord]) -> Fields:
    reasons: dict[str, None] = {}
    for read in records:
        if read.id in {"35", "63"}:
            kind = "header" if read.id == "35" else "line"
            found = (read.text(f"psc_{kind}_reason_{place}") for place in range(1, 6))
            reasons.update((reason, None) for reason in found if reason)
    explanation = "".join(read.raw("psc_explanation") for read in records if read.id == "36").rstrip()
    return {"psc_reasons": list(reasons), "psc_explanation": explanation or None}


def _lines(records: Sequence[ReadRecord]) -> Iterator[list[ReadRecord]]:
    """Group records 40 to CW02 by line."""
    line: list[ReadRecord] = []
    for read in records:
        if read.id == "40":
            if line:
                yield line
            line = [read]
        elif read.id in {"88", "89", "90"}:
            break
        elif line:
            line.append(read)
    if line:
        yield line


def _line(records: Sequence[ReadRecord]) -> Fields:
    header = records[0]
    origin = header.values["country_of_origin"]
    makers = (read.text("party_id") for read in records if read.id == "47" and read.values["party_type"] == "M")
    return {
        "line_id": header.values["line_id"],
        "article_set": header.values["article_set"],
        "country_of_origin": "CA" if origin in code_set("origin_province") else origin,
        "country_of_export": header.text("country_of_export"),
        "special_program": header.text("special_program_claim"),
        "charges_usd": header.number("charges"),
        "gross_weight_kg": header.number("gross_weight_kg"),
        "manufacturer_id": next(makers, None),
        "tariffs": [_tariff(read) for read in records if read.id == "50"],
        "ad_cvd": [
            {"case_number": read.values["case_number"], "duty_cents": read.cents("case_duty")}
            for read in records
            if read.id == "53"
        ],
        "fees": [
            {"class_code": read.values["class_code"], "amount_cents": read.cents(AMOUNTS[read.id])}
            for read in records
            if read.id in AMOUNTS
        ],
    }


AMOUNTS: Final[Mapping[str, str]] = {"60": "ir_tax", "61": "other_revenue", "62": "user_fee"}


def _tariff(read: ReadRecord) -> Fields:
    return {
        "htsus": read.values["htsus"],
        "duty_cents": read.cents("duty"),
        "value_usd": read.cents("value"),
        "quantities": [
            {"quantity_hundredths": read.number(f"quantity_{place}"), "unit": read.values[f"uom_{place}"]}
            for place in (1, 2, 3)
            if read.values[f"uom_{place}"]
        ],
    }
