"""Write AX answers, for samples and tests."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from streams.ports.abi.record_writer import enveloped, record_text


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer to write: the disposition A or R, with its warnings (severity, condition, narrative) before it."""

    entry_number: str
    disposition: str = "A"
    narrative: str = "SUMMARY HAS BEEN ADDED"
    severity: str = "I"
    condition: str = "000"
    team_number: str = ""
    warnings: Sequence[tuple[str, str, str]] = field(default=())


def answer_text(
    answers: Iterable[Answered], *, batch_date: date, site: str, user_text: str = "", line_break: str = "\n"
) -> str:
    """Write one batch of answers to a batch of the same site and text of the user."""
    records: list[str] = []
    for filer, block in groupby(answers, key=lambda answered: answered.entry_number[:3]):
        ends = {"processing_port": site, "processing_filer": filer, "application_id": "AX"}
        records.append(record_text("B", ends))
        for occurrence, answered in enumerate(block, 1):
            records.extend(_answer_records(answered, occurrence))
        records.append(record_text("Y", ends))
    opening = {"site_code": site, "batch_date": batch_date, "application_id": "AX", "user_text": user_text}
    return enveloped(records, opening, line_break)


def _answer_records(answered: Answered, occurrence: int) -> Iterator[str]:
    filer, number = answered.entry_number[:3], answered.entry_number[3:]
    # Positions 26-54 of E0: filer, entry number, broker reference, team.
    reference = f"{filer} {number} {'':12} {answered.team_number}"
    yield record_text(
        "AX:E0",
        {"group_id": "SUMMRY", "occurrence": occurrence, "literal": "REF ID:", "reference_data": reference},
    )
    for severity, condition, narrative in answered.warnings:
        yield record_text("AX:E1", {"severity": severity, "condition_code": condition, "narrative": narrative})
    yield record_text(
        "AX:E1",
        {
            "disposition": answered.disposition,
            "severity": answered.severity,
            "condition_code": answered.condition,
            "narrative": answered.narrative,
            "filer_code": filer,
            "entry_number": number,
        },
    )
