"""What a work topic holds becomes typed work, or says why it cannot."""

from datetime import date

import pytest
from aiokafka import ConsumerRecord
from click.testing import CliRunner

from streams.centers.consumption import Fetched
from streams.centers.inbox import Delivery, UnreadableWork, WorkFilter, read_work
from streams.centers.progress import Progress
from streams.cli import root
from streams.cli.work import json_line, masked_json_line, text_line
from streams.contract.models import EntrySummarySnapshot, WorkItem

from .work import CODEC, cause, item, item_bytes, snapshot_bytes


def fetched(value: bytes | None) -> Fetched:
    """Return a record as the consumer hands it over."""
    size = len(value or b"")
    record = ConsumerRecord("center-work-electronics", 3, 42, 1_780_000_000_000, 0, b"k", value, None, 1, size, ())
    progress = Progress()
    progress.take(42)
    progress.position = 43
    return Fetched(record, progress)


def delivered(value: bytes | None) -> Delivery:
    """Return a record as the inbox gives it."""
    read = fetched(value)
    return Delivery(read_work(read, CODEC), read)


def test_a_work_item_is_typed() -> None:
    body = delivered(item_bytes(7, ports=("2704", "2720"))).body

    assert isinstance(body, WorkItem)
    assert body.work_id.endswith("7")
    assert body.ports == ("2704", "2720")
    assert body.entries[0].entry_date == date(2026, 5, 27)


def test_a_snapshot_holds_the_whole_summary() -> None:
    body = delivered(snapshot_bytes(8)).body

    assert isinstance(body, EntrySummarySnapshot)
    assert body.summary.lines[0].tariffs[0].htsus == "8471300100"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "no value"),
        (b"", "empty"),
        (b"{}", "undecodable"),
        (item_bytes(1)[:-1], "undecodable"),
        (item_bytes(1) + b"x", "trailing"),
        (b"\xc3\x01" + bytes(8), "unknown-schema"),
        (CODEC.encode("entry_summary_deleted", {
            "event_id": "x", "event_time": 0, "source": "2704", "entry_number": "B7603245278", "deleted_at": 0,
        }), "a entry_summary_deleted is not work"),
    ],
)  # fmt: skip
def test_what_is_no_work_keeps_its_bytes_and_says_why(value: bytes | None, why: str) -> None:
    body = delivered(value).body

    assert isinstance(body, UnreadableWork)
    assert body.value == value
    assert why in body.why


@pytest.mark.parametrize(
    ("wanted", "passes"),
    [
        (WorkFilter(), True),
        (WorkFilter(ports=("2720",)), True),
        (WorkFilter(ports=("3901", "2704")), True),
        (WorkFilter(ports=("3901",)), False),
        (WorkFilter(work_types=("documents_required",)), False),
        (WorkFilter(work_types=("entry_summary_review",), ports=("2720",)), True),
    ],
)
def test_a_filter_takes_any_of_its_ports_and_types(wanted: WorkFilter, passes: bool) -> None:  # noqa: FBT001 - a column of the table
    assert wanted.wants(delivered(item_bytes(1, ports=("2720", "2704"))).body) == passes


def test_a_filter_leaves_snapshots_out_where_asked_and_never_what_cannot_be_read() -> None:
    assert WorkFilter(snapshots=True).wants(delivered(snapshot_bytes(1)).body)
    assert not WorkFilter(snapshots=False).wants(delivered(snapshot_bytes(1)).body)
    assert not WorkFilter(ports=("3901",)).wants(delivered(snapshot_bytes(1)).body)
    assert WorkFilter(ports=("3901",), work_types=("x",)).wants(delivered(b"junk").body)


def test_done_finishes_the_record() -> None:
    read = fetched(item_bytes(1))
    delivery = Delivery(read_work(read, CODEC), read)
    assert read.progress.committable() == 42

    delivery.done()

    assert read.progress.committable() == 43


def test_a_line_for_people_says_what_where_and_why() -> None:
    line = text_line(delivered(item_bytes(1, ports=("2720", "2704"))))

    assert line.startswith("2026-05-28 20:26:40  opened")
    assert "entry_summary_review" in line
    assert "B76-0324527-8" in line
    assert "2720,2704" in line
    assert "(entry_summary_accepted, predominant_goods)" in line
    assert "UNREADABLE  center-work-electronics partition 3 offset 42" in text_line(delivered(b"junk"))
    assert "snapshot" in text_line(delivered(snapshot_bytes(1)))


def test_a_json_line_keeps_the_contracts_names() -> None:
    line = json_line(delivered(item_bytes(1)))

    assert '"kind": "work_item"' in line
    assert '"offset": 42' in line
    assert cause(1)["event_id"] in line
    assert '"value_hex": "6a756e6b"' in json_line(delivered(b"junk"))


def test_personal_numbers_are_masked_in_json_unless_asked_for() -> None:
    value = CODEC.encode("work_item", item(1) | {"account_key": "123-45-6789", "importer_numbers": ["123-45-6789"]})

    assert "123-45-6789" in json_line(delivered(value))
    assert "123-45-6789" not in masked_json_line(delivered(value))
    assert "123-45-6789" not in text_line(delivered(value))
    junk = delivered(b"\x16123-45-6789Nine")
    assert b"123-45-6789".hex() in json_line(junk)
    assert b"123-45-6789".hex() not in masked_json_line(junk)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 0, "electronics"),
        (["--json"], 0, '"slug": "electronics"'),
        (["electroncs"], 2, "did you mean electronics?"),
        (["electronics", "--port", "27"], 2, "four digits"),
        (["electronics", "--from", "yesterday"], 2, "beginning"),
        (["electronics", "--limit", "0"], 2, "limit"),
        (["electronics", "--bootstrap-servers", "127.0.0.1:1"], 1, "no Kafka broker answers at 127.0.0.1:1"),
        (["electronics", "--type", "document_required", "--bootstrap-servers", "127.0.0.1:1"], 1, "documents_required"),
        (["--help"], 0, "Example: cee work electronics --follow"),
    ],
)
def test_the_command_says_what_is_wrong_in_one_sentence(arguments: list[str], code: int, says: str) -> None:
    result = CliRunner().invoke(root, ["work", *arguments])

    assert result.exit_code == code
    assert says in result.output
    assert "Traceback" not in result.output
