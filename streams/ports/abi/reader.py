"""Read AE batch files: every sound summary, and everything that is wrong with the others.

A file is read twice, first for its envelopes, then for its summaries, and never held in memory; what cannot be read
twice (a pipe) is spooled to a temporary file.
"""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final

from streams.ports.abi.envelope import Envelope, EnvelopeDamage, envelope_damage
from streams.ports.abi.faults import Fault, Record
from streams.ports.abi.filing import Draft, Filing, Judge
from streams.ports.abi.identify import ENVELOPE, identified_records, is_agency_record
from streams.ports.abi.layout import layouts
from streams.ports.numbers import NO_OFFSETS, CheckDigitOffsets

APPLICATION: Final = "AE"
TOTALS: Final = frozenset({"88", "89", "90"})
# A summary of 998 lines with all that may belong to them has fewer records; what goes on longer is no summary.
MOST_RECORDS: Final = 100_000
# Records without a header are reported in groups of this size, so that a file that is no batch needs no memory.
MOST_STRAY_RECORDS: Final = 1_000


@dataclass(frozen=True, slots=True)
class DamagedEnvelope:
    """A batch whose envelope is damaged: what of it is withheld follows as withheld filings."""

    batch: int
    faults: tuple[Fault, ...]
    whole_batch: bool
    blocks: tuple[int, ...]


def read_filings(stream: BinaryIO, *, offsets: CheckDigitOffsets = NO_OFFSETS) -> Iterator[Filing | DamagedEnvelope]:
    """Yield the filings of an AE file in its order, sound and unsound ones, and each damaged envelope before them.

    Raises nothing but what reading the stream raises: whatever its bytes are, they come back as faults.
    """
    with _readable_twice(stream) as source:
        start = source.tell()
        damage = envelope_damage(identified_records(source), APPLICATION)
        source.seek(start)
        judge = Judge(offsets)
        for item in _drafts(identified_records(source), damage):
            yield judge.judged(item) if isinstance(item, Draft) else item


@contextmanager
def _readable_twice(stream: BinaryIO) -> Iterator[BinaryIO]:
    if stream.seekable():
        yield stream
        return
    with tempfile.TemporaryFile() as spooled:
        shutil.copyfileobj(stream, spooled)
        spooled.seek(0)
        yield spooled


def _drafts(records: Iterable[Record], damage: dict[int, EnvelopeDamage]) -> Iterator[Draft | DamagedEnvelope]:
    """Gather records to summaries; a batch's damage comes when the batch begins."""
    envelope = Envelope(APPLICATION)
    draft: Draft | None = None
    told = 0
    for record in records:
        envelope.feed(record)
        behind: list[Record] = []
        if draft is not None and _ends(draft, record):
            if not _begins(record):
                behind = draft.take_behind_end()
            yield draft
            draft = None
        if envelope.batch != told:
            told = envelope.batch
            yield from _damaged(told, damage)
        if record.id in ENVELOPE:
            continue
        if draft is None:
            draft = _begun(envelope, damage)
        for one in (*behind, record):
            draft.add(one)
    if draft is not None:
        yield draft
    if told == 0:
        yield from _damaged(1, damage)


def _ends(draft: Draft, record: Record) -> bool:
    """Whether a record belongs no more to the draft."""
    if _begins(record):
        return True
    if is_agency_record(record.id):
        return len(draft.agency_records) >= MOST_RECORDS
    most = MOST_RECORDS if draft.records and draft.records[0].id == "10" else MOST_STRAY_RECORDS
    return (draft.end > 0 and not _is_total(record)) or len(draft.records) >= most


def _begins(record: Record) -> bool:
    """Whether a record begins a summary or is of the envelope."""
    return record.id in ENVELOPE or record.id == "10"


def _is_total(record: Record) -> bool:
    """Whether a record gives totals: between a summary's last record and the next one's header it is the former's.

    One that is not built like that may be the damaged header of the next.
    """
    return record.id in TOTALS and layouts()[record.id].read(record.text) is not None


def _begun(envelope: Envelope, damage: dict[int, EnvelopeDamage]) -> Draft:
    of_batch = damage.get(envelope.batch)
    return Draft(
        batch=envelope.batch,
        block=envelope.block,
        batch_values=envelope.batch_values,
        block_values=envelope.block_values,
        withheld=of_batch is not None and of_batch.covers(envelope.block),
    )


def _damaged(batch: int, damage: dict[int, EnvelopeDamage]) -> Iterator[DamagedEnvelope]:
    of_batch = damage.get(batch)
    if of_batch is not None:
        yield DamagedEnvelope(batch, tuple(of_batch.faults), of_batch.whole_batch, tuple(sorted(of_batch.blocks)))
