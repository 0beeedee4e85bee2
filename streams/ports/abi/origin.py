"""Where in a batch a field of the contract's `entry_summary` comes from: the way back from a complaint to its place."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from streams.ports.abi.fields import ReadRecord
from streams.ports.abi.layout import Field, layouts

# Fields of the contract that AE names otherwise; all others have the same name in both.
NAMES_IN_AE: Final[Mapping[str, str]] = {
    "notify_party": "designated_notify_party",
    "bond_amount_usd": "single_transaction_amount",
    "special_program": "special_program_claim",
    "charges_usd": "charges",
    "manufacturer_id": "party_id",
}
# Which records the items of a line's lists come from, one each.
LISTED: Final[Mapping[str, frozenset[str]]] = {
    "tariffs": frozenset({"50"}),
    "ad_cvd": frozenset({"53"}),
    "fees": frozenset({"60", "61", "62"}),
}


class Origin(NamedTuple):
    """A record, and the field of it if one is to be named."""

    read: ReadRecord
    field: Field | None


def origin_of(path: Sequence[str | int], reads: Sequence[ReadRecord]) -> Origin:
    """Find where a path into the summary comes from; a summary's header where nothing nearer is known."""
    match path:
        case ("lines", int(at), *rest):
            return _in_line(rest, _line(at, reads))
        case (str(name), *_):
            return _named(name, reads)
    return Origin(reads[0], None)


def _line(at: int, reads: Sequence[ReadRecord]) -> Sequence[ReadRecord]:
    """Return the records of a line; the lines' positions count from 0."""
    starts = [place for place, read in enumerate(reads) if read.id == "40"]
    return reads[starts[at] : starts[at + 1] if at + 1 < len(starts) else None]


def _in_line(path: Sequence[str | int], line: Sequence[ReadRecord]) -> Origin:
    match path:
        case (str(name), int(at), *rest) if name in LISTED:
            item = [read for read in line if read.id in LISTED[name]][at]
            return _named(str(rest[-1]) if rest else "", [item])
        case ("manufacturer_id",):
            return _named("manufacturer_id", [read for read in line if read.values.get("party_type") == "M"])
        case (str(name),):
            return _named(name, line)
    return Origin(line[0], None)


def _named(name: str, reads: Sequence[ReadRecord]) -> Origin:
    """Find the first record that has a field of a name, else the first of all."""
    in_ae = NAMES_IN_AE.get(name, name)
    for read in reads:
        for field in layouts()[read.id].fields:
            if field.name == in_ae:
                return Origin(read, field)
    return Origin(reads[0], None)
