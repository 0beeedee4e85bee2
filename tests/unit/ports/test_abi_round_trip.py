"""What is written as a batch and read back is the same."""

import io
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.ports.abi.filing import Filing
from streams.ports.abi.reader import read_filings
from streams.ports.abi.record_writer import record_text
from streams.ports.abi.writer import Filed, batch_text

from .batches import NUMBERS, batch, filings, summary
from .summaries import Fields, summaries

DAY = date(2026, 9, 1)
LINE_BREAKS = st.sampled_from(["\n", "\r\n", ""])


def told(filing: Filing) -> Fields:
    """Return what a filing itself tells of its summary, as plain values."""
    assert filing.summary is not None, filing.faults
    by_answers = {"version", "accepted_at", "team_number", "census_warnings", "center", "entry_date", "release_date"}
    fields = filing.summary.model_dump(exclude=by_answers | {"summary_date"})
    fields["psc_reasons"] = list(fields["psc_reasons"])
    for line in fields["lines"]:
        for name in ("tariffs", "ad_cvd", "fees"):
            line[name] = list(line[name])
        for tariff in line["tariffs"]:
            tariff["quantities"] = list(tariff["quantities"])
    return fields | {"lines": list(fields["lines"])}


@given(st.lists(summaries(), min_size=1, max_size=3), LINE_BREAKS)
def test_summaries_survive_writing_and_reading(drawn: list[Fields], line_break: str) -> None:
    """Additions, over all fields and any line break."""
    text = batch_text([Filed(fields) for fields in drawn], batch_date=DAY, line_break=line_break)

    read = filings(text.encode())

    assert [fault for filing in read for fault in filing.faults] == []
    assert [told(filing) for filing in read] == drawn


@given(summaries(is_correction=True))
def test_corrections_survive_with_reasons_and_explanation(fields: Fields) -> None:
    """Header reasons and an explanation of any length."""
    (filing,) = filings(batch_text([Filed(fields, "R", is_correction=True)], batch_date=DAY).encode())

    assert filing.faults == ()
    assert (filing.action, filing.is_correction) == ("R", True)
    assert told(filing) == fields


def test_line_reasons_follow_header_reasons() -> None:
    """Record 63 stands in lines, record 35 in the header."""
    fields = told(filings(batch(summary()))[0])
    corrected = fields | {"psc_reasons": ["H04", "L03", "L04"], "psc_explanation": "CLASSIFICATION"}

    (filing,) = filings(batch_text([Filed(corrected, "R", is_correction=True)], batch_date=DAY).encode())

    assert told(filing) == corrected


@settings(max_examples=25)
@given(summaries())
def test_a_deletion_keeps_number_and_port(fields: Fields) -> None:
    """Its header is all there is."""
    (filing,) = filings(batch_text([Filed(fields, "D")], batch_date=DAY).encode())

    assert filing.is_sound
    assert (filing.action, filing.entry_number, filing.port_of_entry) == (
        "D",
        fields["entry_number"],
        fields["port_of_entry"],
    )


@pytest.mark.parametrize(("least", "fee"), [(100, 3358), (99_999, 65_150)])
def test_bounds_of_the_processing_fee_survive(least: int, fee: int) -> None:
    """The summary pays what its lines do not add up to."""
    fields = told(filings(batch(summary()))[0])
    for line in fields["lines"]:
        line["fees"] = [{"class_code": "499", "amount_cents": least}]
    bounded = fields | {"totals": {**fields["totals"], "fee_cents": fee}}

    (filing,) = filings(batch_text([Filed(bounded)], batch_date=DAY).encode())

    assert filing.faults == ()
    assert told(filing) == bounded


def test_a_fee_of_the_header_survives_in_the_total() -> None:
    """An informal entry may pay a fee that no line shows."""
    fields = told(filings(batch(summary()))[0])
    for line in fields["lines"]:
        line["fees"] = []
    informal = fields | {"entry_type": "11", "totals": {**fields["totals"], "fee_cents": 269}}

    (filing,) = filings(batch_text([Filed(informal)], batch_date=DAY).encode())

    assert filing.faults == ()
    assert told(filing) == informal


def test_what_does_not_fit_its_field_is_refused() -> None:
    """A writer that cut a number would write another number."""
    with pytest.raises(ValueError, match="value of record 50 has 10 characters"):
        record_text("50", {"value": 10**10})
    with pytest.raises(ValueError, match="two-digit year"):
        record_text("11", {"import_date": date(1979, 12, 31)})
    with pytest.raises(KeyError):
        record_text("50", {"nonsense": 1})


def test_blocks_follow_filer_and_district() -> None:
    """Summaries of another district stand in a block of their own."""
    fields = told(filings(batch(summary()))[0])
    elsewhere = fields | {"port_of_entry": "3901", "entry_number": f"B76{NUMBERS[1]}"}

    text = batch_text([Filed(fields), Filed(elsewhere)], batch_date=DAY, user_text="RUN 1")
    read = list(read_filings(io.BytesIO(text.encode())))

    assert [(item.batch, getattr(item, "block", 0)) for item in read] == [(1, 1), (1, 2)]
    assert all(filing.mark.user_text == "RUN 1" for filing in filings(text.encode()))
