"""Placements of importers, as the processor publishes them."""

from streams.contract.models.base import Many, Part, Record
from streams.contract.models.moments import AnyDate
from streams.contract.models.work import Cause


class PlacementOverride(Part):
    """A placement by headquarters."""

    center: str
    basis: str
    reason: str
    effective_on: AnyDate


class CenterCount(Part):
    """What an importer imports in the window for one Center."""

    center: str
    lines: int
    value_usd: int
    summaries: int


class HeadingCount(Part):
    """What an importer imports in the window under one heading (19 CFR 101.10(c)(5))."""

    heading: str
    center: str
    lines: int
    value_usd: int


class PlacementEvidence(Part):
    """What was known when a placement was decided."""

    window_from: AnyDate
    first_day: AnyDate | None = None
    last_day: AnyDate | None = None
    summaries: int
    centers: Many[CenterCount] = ()
    headings: Many[HeadingCount] = ()
    measure: str
    policy_version: str
    coverage_version: str


class Decided(Part):
    """Where an importer stands after a decision, and why: what its placement and each change of it say alike."""

    account_key: str
    importer_numbers: Many[str] = ()
    center: str | None = None
    ace_code: str
    basis: str | None = None
    effective_from: AnyDate | None = None
    firm: bool
    stale: bool
    history: str | None = None
    eligible: bool
    computed_center: str | None = None
    override: PlacementOverride | None = None
    scheduled: PlacementOverride | None = None
    challenger: str | None = None
    challenger_since: AnyDate | None = None
    flags: Many[str] = ()
    evidence: PlacementEvidence
    decided_on: AnyDate
    reason: str
    caused_by: Cause


class ImporterPlacement(Decided, Record):
    """In which Center an importer is, on what ground and evidence. Compacted by account key."""


class PlacementChange(Decided, Record):
    """A decision about an importer's placement that changed something."""

    change_id: str
    kind: str
    former_center: str | None = None


class AppealStatus(Record):
    """How far an appeal against a Center assignment has come (19 CFR 101.10(c)), with the year that it rests on."""

    status_id: str
    account_key: str
    importer_numbers: Many[str] = ()
    appeal_number: str
    state: str
    missing: Many[str] = ()
    received_on: AnyDate
    current_center: str | None = None
    preferred_center: str | None = None
    placed_in: str | None = None
    decided_on: AnyDate | None = None
    effective_on: AnyDate | None = None
    reason: str | None = None
    history: str | None = None
    extract_from: AnyDate | None = None
    extract: Many[HeadingCount] = ()
    caused_by: Cause
