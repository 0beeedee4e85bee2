"""What the daily cut (00:00 America/New_York) makes of an importer's placement."""

from streams.customs.placement import Decision, Standing
from streams.customs.policy import PlacementPolicy
from streams.customs.tariff_mix import CountedDays, Day, Mix


def brought_to(
    standing: Standing, mix: Mix, days: CountedDays, policy: PlacementPolicy, today: Day
) -> tuple[Standing, Mix, tuple[Decision, ...]]:
    """Fold all cuts up to the one that opens `today`, those alone that can change something; move the window.

    To be called before anything of a day is counted, and when `standing.review_on` has come; returns the decisions
    that changed something, in order. Cheap when nothing is due.
    """
    raise NotImplementedError


def mix_changed(standing: Standing, today: Day) -> Standing:
    """Note that something was counted or retracted today: tomorrow's cut has to look."""
    raise NotImplementedError
