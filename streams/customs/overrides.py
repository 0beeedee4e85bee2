"""What headquarters decides of an importer's placement: overrides, and whether Centers take the importer at all."""

from streams.customs.placement import Decision, Override, Standing
from streams.customs.policy import PlacementPolicy
from streams.customs.tariff_mix import CountedDays, Day, Mix


def set_override(
    standing: Standing, mix: Mix, days: CountedDays, policy: PlacementPolicy, override: Override, today: Day
) -> tuple[Standing, Decision]:
    """Put an importer in a Center by hand; at once, or from the cut of a later effective day.

    The computation goes on beside it, and the decision says whether the two differ.
    """
    raise NotImplementedError


def remove_override(
    standing: Standing, mix: Mix, days: CountedDays, policy: PlacementPolicy, today: Day, reason: str
) -> tuple[Standing, Decision]:
    """End an override, in force or scheduled: the importer returns to its computed placement, or to none."""
    raise NotImplementedError


def set_eligible(
    standing: Standing, mix: Mix, days: CountedDays, policy: PlacementPolicy, today: Day, *, eligible: bool
) -> tuple[Standing, Decision]:
    """Note whether Centers take the importer at all (P17); the computation goes on either way."""
    raise NotImplementedError
