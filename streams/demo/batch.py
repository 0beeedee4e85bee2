"""An ABI batch with CBP's answers, made from summaries of the sample: some accepted, one rejected, one broken."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from streams.ports.abi.answer_writer import Answered, answer_text
from streams.ports.abi.layout import layouts
from streams.ports.abi.writer import Filed, batch_text
from streams.ports.numbers import check_digit
from streams.sample.export import DATES

FILINGS: Final = 12
ORDINAL_OF_1970: Final = date(1970, 1, 1).toordinal()
REJECTED: Final = 1  # which of the filings CBP rejects
BROKEN: Final = 2  # and which has a false check digit


class BatchFiles(NamedTuple):
    """A batch of a filer, and what CBP answered to it."""

    batch: Path
    answers: Path


def write_batch(directory: Path, summaries: Sequence[Mapping[str, Any]], on: date) -> BatchFiles:
    """Write both files, with new entry numbers for the summaries; the answers are dated the day after `on`."""
    filed = [_refiled(number, summary) for number, summary in enumerate(_neighbours(summaries))]
    numbers = [summary["entry_number"] for summary in filed]
    batch = batch_text([Filed(summary) for summary in filed], batch_date=on, user_text="DEMO")
    answered = [_answer(place, number) for place, number in enumerate(numbers) if place != BROKEN]
    site = str(filed[0]["port_of_entry"])
    answers = answer_text(answered, batch_date=on + timedelta(days=1), site=site, user_text="DEMO")
    files = BatchFiles(directory / "batch.abi", directory / "batch.ax")
    files.batch.write_text(_with_a_false_digit(batch, numbers[BROKEN]), "ascii")
    files.answers.write_text(answers, "ascii")
    return files


def is_fit(summary: Mapping[str, Any]) -> bool:
    """Tell whether a summary is plain enough to be filed in one small batch."""
    return summary["entry_type"] == "01" and len(summary["lines"]) <= 6 and not summary["psc_reasons"]  # noqa: PLR2004 - small


def _neighbours(summaries: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Bring summaries of one port together: a block of a batch has one."""
    return sorted(summaries, key=lambda summary: str(summary["port_of_entry"]))[:FILINGS]


def _refiled(number: int, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the summary as another entry of the demo's filer."""
    stem = f"DMO{number + 1:07d}"
    fields: dict[str, Any] = {
        name: date.fromordinal(value + ORDINAL_OF_1970) if name in DATES and isinstance(value, int) else value
        for name, value in summary.items()
    }
    return fields | {"entry_number": f"{stem}{check_digit(stem)}", "filer_code": "DMO", "preparer_filer": None}


def _answer(place: int, entry_number: str) -> Answered:
    if place == REJECTED:
        return Answered(entry_number, "R", "TRANSACTION DATA REJECTED", "F", "123")
    return Answered(entry_number, team_number="")


def _with_a_false_digit(batch: str, entry_number: str) -> str:
    """Spoil the check digit of one summary's header record."""
    field = layouts()["10"].field("entry_number")
    lines = batch.splitlines(keepends=True)
    for place, line in enumerate(lines):
        if line.startswith("10") and entry_number[3:] in line:
            end = field.end
            lines[place] = line[: end - 1] + str((int(line[end - 1]) + 5) % 10) + line[end:]
    return "".join(lines)
