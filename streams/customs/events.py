"""What has happened, as the rules see it: decoded facts in the past tense.

They hold what a rule reads and no more; the seam in `streams/processor` makes them from records. Instants are
milliseconds since the epoch (UTC), days are numbers since 1970-01-01 (0: not told).
"""

from typing import NamedTuple

from streams.customs.appeal import AppealState, Filed
from streams.customs.life_cycle import Kind


class Envelope(NamedTuple):
    """What every event carries, and what has caused it: the names by which work points back to it."""

    event_id: str
    at_ms: int
    source: str
    """Port code, Center slug, `headquarters` or `filer:XXX`: where it happened."""
    topic: str
    partition: int
    offset: int
    published_ms: int


class Line(NamedTuple):
    """One line of a summary: its place in an article set, its tariff numbers, and what rests on it."""

    article_set: str
    tariffs: tuple[tuple[str, int], ...]
    """HTSUS number and value in whole dollars, in the order of the line."""
    has_ad_cvd: bool


class SummaryFiled(NamedTuple):
    """A whole entry summary in a version that CBP accepted: added, replaced or corrected."""

    cause: Envelope
    event_id: bytes
    """The 16 bytes of the event's UUID: the last word in the order of versions."""
    kind: Kind
    entry_number: str
    importer: str
    version: str
    accepted_ms: int
    entry_type: str
    ports: tuple[str, ...]
    """Port of entry first."""
    entry_day: int
    """Entry date, else release date, else estimated date."""
    import_day: int
    census_warnings: bool
    lines: tuple[Line, ...]
    body: bytes
    """The summary as it came, in its record, to be handed on unread."""
    has_grounds: bool = False
    """Of a correction: it has reason codes and an explanation."""


class EntryNoted(NamedTuple):
    """Something happened to an entry that one day, or none, describes: paid, rejected, liquidated ..."""

    cause: Envelope
    kind: Kind
    entry_number: str
    day: int


class EntryLiquidated(NamedTuple):
    """An entry was liquidated or reliquidated."""

    cause: Envelope
    kind: Kind
    entry_number: str
    day: int
    ground: str
    """Of a reliquidation: voluntary, protest, claim, court; empty if it is not told."""
    issues: tuple[str, ...]
    difference_cents: int
    """Positive where the importer owes more, negative where it gets money back."""


class EntryFiled(NamedTuple):
    """An entry was filed and released; its summary is due."""

    cause: Envelope
    entry_number: str
    importer: str
    port: str
    entry_type: str
    entered_ms: int


class StatusNotified(NamedTuple):
    """CBP told the filer something about a summary (UC message); it names no importer."""

    cause: Envelope
    entry_number: str
    disposition: str
    reason: str
    day: int


class PortNoticed(NamedTuple):
    """A port tells of cargo in its own hands: sampling, examination, seizure, export, release."""

    cause: Envelope
    kind: str
    entry_number: str
    importer: str
    port: str


class PlacementSet(NamedTuple):
    """Headquarters puts an importer in a Center by hand, whatever the computation says, or ends that."""

    cause: Envelope
    importer: str
    center: int
    """0 ends the placement by hand."""
    basis: str
    reason: str
    effective_day: int


class AppealFiled(NamedTuple):
    """An importer appeals its Center assignment, or completes an appeal."""

    cause: Envelope
    importer: str
    number: str
    filed: Filed


class AppealDecided(NamedTuple):
    """Headquarters says what becomes of an appeal."""

    cause: Envelope
    importer: str
    number: str
    state: AppealState
    center: int
    """0 where none is named."""
    day: int
    effective_day: int
    reason: str


class ProfileChanged(NamedTuple):
    """CBP's file about an importer has changed."""

    cause: Envelope
    importer: str
    eligible: bool
    status: str = ""
    """`active`, `voided` or `inactive`; empty where nothing is told."""
    is_broker: bool | None = None
    """None where nothing is told."""


Event = (
    SummaryFiled
    | EntryNoted
    | EntryLiquidated
    | EntryFiled
    | StatusNotified
    | PortNoticed
    | PlacementSet
    | ProfileChanged
    | AppealFiled
    | AppealDecided
)
