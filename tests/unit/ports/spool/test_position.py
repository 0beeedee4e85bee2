"""How far a spool is sent, by its own note and by Kafka's word."""

from pathlib import Path

import pytest

from streams.ports.spool.errors import SpoolUncertain, SpoolUnusable
from streams.ports.spool.position import NAME, Position, read_position, write_position


def noted(sent: int, sending: int | None = None) -> Position:
    return Position("0c7d", "", sent, sending)


SETTLED = [
    # Noted: sent, under way up to; what Kafka says; what holds.
    ("a new spool", noted(0), None, 0),
    ("nothing under way, Kafka forgot it", noted(7), None, 7),
    ("nothing under way, Kafka agrees", noted(7), 7, 7),
    ("another cluster, or one restored from an older copy", noted(7), 3, 7),
    ("killed before the transaction was committed", noted(7, 9), 7, 7),
    ("killed after the transaction was committed", noted(7, 9), 9, 9),
    ("killed while the first transaction was under way", noted(0, 2), 0, 0),
]


@pytest.mark.parametrize(
    ("position", "committed", "sent"), [row[1:] for row in SETTLED], ids=[row[0] for row in SETTLED]
)
def test_what_holds_follows_from_the_note_and_from_kafka(position: Position, committed: int | None, sent: int) -> None:
    assert position.settled(committed) == noted(sent)


@pytest.mark.parametrize("committed", [None, 3])
def test_where_kafka_forgot_a_transaction_that_was_under_way_a_person_decides(committed: int | None) -> None:
    position = noted(7, 9)

    with pytest.raises(
        SpoolUncertain, match=r"whether events 8 to 9 of the spool arrived is not known.*--unknown resend"
    ):
        position.settled(committed)
    assert position.resolved(arrived=True) == noted(9)
    assert position.resolved(arrived=False) == noted(7)


@pytest.mark.parametrize("position", [noted(7), noted(7, 9)])
def test_a_folder_older_than_what_kafka_has_is_refused(position: Position) -> None:
    with pytest.raises(SpoolUnusable, match=r"Kafka has 10 events of this spool .* restored from an older copy"):
        position.settled(10)


def test_the_note_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_position(tmp_path) is None
    write_position(tmp_path, noted(7, 9))

    assert read_position(tmp_path) == noted(7, 9)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"unknown": 1}'])
def test_a_damaged_note_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text, "utf-8")

    with pytest.raises(SpoolUnusable, match="is damaged"):
        read_position(tmp_path)


def test_a_note_of_a_later_version_is_refused(tmp_path: Path) -> None:
    write_position(tmp_path, Position("0c7d", "", version=2))

    with pytest.raises(SpoolUnusable, match="another version"):
        read_position(tmp_path)
