"""What headquarters decides."""

from typing import Literal

from streams.contract.models.base import Event, Many, Part
from streams.contract.models.moments import FactDate
from streams.contract.models.numbers import (
    CenterSlug,
    HtsusPart,
    ImporterNumber,
    ManualBasis,
    Number,
    Text,
    Word,
)


class PlacementSet(Event):
    """Headquarters puts an importer in a Center by hand, or ends that."""

    importer_of_record: ImporterNumber
    center: CenterSlug | None = None
    basis: ManualBasis
    reason: Text
    effective_on: FactDate


class AppealDecided(Event):
    """Headquarters decided on an appeal against a Center assignment."""

    importer_of_record: ImporterNumber
    appeal_number: Number
    decision: Literal["incomplete", "under_review", "granted", "denied", "withdrawn"]
    center: CenterSlug | None = None
    decided_on: FactDate
    effective_on: FactDate | None = None
    reason: Text | None = None


class PolicySetting(Part):
    """One switch of the placement policy."""

    name: Word
    values: Many[Text] = ()


class CoverageRow(Part):
    """Which Center covers a range of the tariff schedule; the longest prefix wins."""

    from_code: HtsusPart
    to_code: HtsusPart
    center: CenterSlug


class AccountRow(Part):
    """An importer number that belongs to an account of another base (policy P10)."""

    importer_of_record: ImporterNumber
    account_key: Number


class RulesVersion(Event):
    """A new version of the rules: policy, tariff coverage, account table.

    Written to every partition, keyed by its version.
    """

    version: Number
    effective_on: FactDate
    policy: Many[PolicySetting] = ()
    coverage_version: Number | None = None
    coverage: Many[CoverageRow] = ()
    accounts: Many[AccountRow] = ()
    reason: Text | None = None
