"""Tell records apart by their identifiers: two characters, four for some, one for the envelope."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from streams.ports.abi.faults import Record
from streams.ports.abi.split import Piece, split_records

NUMBERED: Final = frozenset(
    f"{number}"
    for first, last in ((10, 11), (20, 23), (30, 36), (40, 44), (47, 47), (50, 54), (60, 63), (88, 90))
    for number in range(first, last + 1)
)
ANSWER: Final = frozenset({"E0", "E1"})
ENVELOPE: Final = frozenset("ABYZ")
# Release data and partner agencies' data may stand anywhere in a summary; kept raw, not read.
AGENCY_RECORD: Final = re.compile(r"(?:SE|PG)\d\d|OI")
UNKNOWN: Final = ""

# One letter is little to know a record by: a damaged `40` can look like a `B0`. A record is taken for envelope if
# it is built like one, or if it stands where one has to stand.
BUILT_AS_ENVELOPE: Final = {
    "A": re.compile(r"A[A-Z0-9 ]{7}.{6}\d{6} {5}[A-Z]{2} {10}"),
    "B": re.compile(r"B  \d{4}[A-Z0-9]{3}[A-Z]{2} {32}"),
    "Y": re.compile(r"Y  \d{4}[A-Z0-9]{3}[A-Z]{2}[0-9 ]{5} {27}"),
    "Z": re.compile(r"Z[A-Z0-9 ]{7} {6}\d{6} {17}"),
}


def identified_records(stream: BinaryIO) -> Iterator[Record]:
    """Yield the file's records with their identifiers, `""` where there is none that is known."""
    pieces = split_records(stream)
    current = next(pieces, None)
    before: str | None = None
    while current is not None:
        following = next(pieces, None)
        if before in {None, "Z"} and current.is_blank:  # fills up the space between two batches
            current = following
            continue
        identifier = _identifier(current.text)
        if identifier in ENVELOPE and not _is_envelope(identifier, current, before, following):
            identifier = UNKNOWN
        yield Record(current.number, identifier, current.text)
        before, current = identifier, following


def is_agency_record(identifier: str) -> bool:
    """Whether a record belongs to release or to a partner agency."""
    return AGENCY_RECORD.fullmatch(identifier) is not None


def _identifier(text: str) -> str:
    two = text[:2]
    if two in NUMBERED or two in ANSWER:
        return two
    if text[:1] in ENVELOPE:
        return text[0]
    if text.startswith("CW02"):
        return "CW02"
    match = AGENCY_RECORD.match(text)
    return match.group() if match else UNKNOWN


def _is_envelope(identifier: str, piece: Piece, before: str | None, following: Piece | None) -> bool:
    if BUILT_AS_ENVELOPE[identifier].match(piece.text):
        return True
    after = following.text[:1] if following is not None else "Z"
    match identifier:
        case "A":
            return before in {None, "Z"} or after == "B"
        case "B":
            return before in {"A", "Y"}
        case "Y":
            return after in {"Z", "B"}
        case _:
            return before == "Y" or following is None or after == "A"
