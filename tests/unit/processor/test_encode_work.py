"""A piece of work, written in groups, is what the schema says."""

import pytest

from streams.contract.codec import Codec
from streams.contract.schemas import current_schema
from streams.customs.cases import ELSEWHERE, INELIGIBLE, PENDING, Case
from streams.customs.entry_summary import Entry
from streams.customs.events import Envelope
from streams.customs.outcomes import SnapshotDue, WorkItem
from streams.customs.placement import Basis, Override, Standing
from streams.customs.work import Action, Role
from streams.customs.work_types import WORK_TYPES
from streams.processor.encode_snapshot import SnapshotEncoder
from streams.processor.encode_work import SLUGS, WorkEncoder
from streams.processor.occasion import Occasion
from tests.unit.processor.kit import COMPUTER, ENTRY, IMPORTER, RULES, SHIRT, codec, filed

EMPTY = Entry()
KNOWN = Entry(
    generation=1,
    importer=IMPORTER,
    ports=("2704", "1401"),
    entry_type="07",
    version="00100",
    accepted_ms=1_772_460_000_000,
    import_day=20_500,
    summary_day=20_514,
    set_day=20_513,
    filed_ms=1_772_400_000_000,
    asked_day=20_520,
    scheduled_day=20_830,
    liquidated_day=20_840,
    reliquidated_day=20_900,
)
PLACED = Standing(override=Override(7, Basis.INTENDED_USE, "goods for hospitals", 20_000))
NOWHERE = Standing()


@pytest.mark.parametrize("work_type", WORK_TYPES)
@pytest.mark.parametrize(
    ("entry", "desk", "role", "party", "standing"),
    [
        (KNOWN, 7, Role.OWNER, "", PLACED),
        (KNOWN, 4, Role.OWNER, "", PLACED),
        (KNOWN, PENDING, Role.OWNER, "", NOWHERE),
        (KNOWN, INELIGIBLE, Role.OWNER, "", None),
        (KNOWN, ELSEWHERE, Role.JOINT, "port:2704", PLACED),
        (EMPTY, ELSEWHERE, Role.OWNER, "port:0101", NOWHERE),
    ],
)
def test_what_the_groups_write_is_what_the_codec_reads_and_writes(
    work_type: int, entry: Entry, desk: int, role: Role, party: str, standing: Standing | None
) -> None:
    """Decoding gives the record, and encoding that by name gives the same bytes."""
    encoder = WorkEncoder(codec())
    case = Case(work_type, ENTRY, entry.generation, desk, 3, 70_000, taken=False, opened_ms=1)
    case_id = "75e770b9-c043-575d-9d02-aa6df1080d20"
    item = WorkItem(desk, Action.OPENED, case_id, case, ENTRY, entry, role, party, "entry_summary_accepted")
    cause = Envelope("d9fe2356-7aa5-5d2a-80bb-d3dc932f07f6", 1_772_460_000_000, "2704", "t", 3, 1 << 40, 1)
    occasion = Occasion(cause, IMPORTER[:10], 1_772_463_600_000, RULES, 20_514)

    # Twice: what is kept from the first time is the same.
    first, second = (encoder.encode(item, occasion, standing) for _ in range(2))

    name, fields = codec().decode(first)
    assert name == "work_item"
    assert codec().encode(name, fields) == first == second
    assert (fields["sequence"], fields["assignment"], fields["case_id"]) == (70_000, 3, case_id)
    assert fields["center"] == SLUGS.get(desk)
    assert fields["party"] == (party or None)
    placed = standing is not None and standing.center == desk
    assert fields["why"]["placement_basis"] == ("intended_use" if placed and desk else None)
    assert fields["entries"][0]["entry_date"] == (20_513 if entry is KNOWN else None)


@pytest.mark.parametrize("name", ["entry_summary_accepted", "entry_summary_replaced", "psc_accepted"])
@pytest.mark.parametrize("source", ["2704", "filer:B76", "x" * 200])
def test_a_snapshot_carries_the_summary_as_it_came(name: str, source: str) -> None:
    """The bytes are those that the codec writes, whatever the length of what stands before the summary."""
    encoder = SnapshotEncoder(codec(), WorkEncoder(codec()))
    fields = filed(COMPUTER, SHIRT) | {"source": source}
    cause = Envelope("d9fe2356-7aa5-5d2a-80bb-d3dc932f07f6", 1_772_460_000_000, source, "t", 3, 7, 1)
    occasion = Occasion(cause, IMPORTER[:10], 1_772_463_600_000, RULES, 20_514)

    data = encoder.encode(SnapshotDue(7, ENTRY, KNOWN, codec().encode(name, fields)), occasion)

    decoded_name, decoded = codec().decode(data)
    assert decoded_name == "entry_summary_snapshot"
    assert codec().encode(decoded_name, decoded) == data
    assert decoded["summary"] == fields["summary"]
    assert (decoded["center"], decoded["generation"]) == ("electronics", 1)


def test_a_snapshot_of_an_event_in_another_framing_is_written_by_the_codec() -> None:
    """Slower, and the same record."""
    plain = codec().encode("entry_summary_accepted", filed(COMPUTER))
    with_registry = Codec(lambda _: current_schema("entry_summary_accepted").text)
    encoder = SnapshotEncoder(with_registry, WorkEncoder(with_registry))
    cause = Envelope("d9fe2356-7aa5-5d2a-80bb-d3dc932f07f6", 1_772_460_000_000, "2704", "t", 3, 7, 1)
    framed = b"\x00\x00\x00\x00\x07" + plain[10:]

    first, second = (
        encoder.encode(SnapshotDue(7, ENTRY, KNOWN, body), Occasion(cause, IMPORTER[:10], 5, RULES, 20_514))
        for body in (plain, framed)
    )

    assert first == second
