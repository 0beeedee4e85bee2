"""When an event reaches Kafka: nearly always within seconds, sometimes twice, late, or after its successors."""

from typing import Final

from streams.sample.days import DAY_MS
from streams.sample.draws import mix, threshold
from streams.sample.parameters import SampleParameters

USUAL_MS: Final = 150
OVERTAKEN_MS: Final = 600_000
OVERTAKEN_SPREAD_MS: Final = 72_000_000


class Delivery:
    """Draws the instants of publication of an event from its summary's bits."""

    def __init__(self, parameters: SampleParameters) -> None:
        self._late = threshold(parameters.late_share, 16)
        self._overtaken = threshold(parameters.late_share + parameters.out_of_order_share, 16)
        self._twice = threshold(parameters.duplicate_share, 16)
        low, high = parameters.late_days
        self._late_from = low
        self._late_choices = high - low + 1

    def published(self, seed: int, stage: int, at_ms: int) -> tuple[int, int]:
        """Return the instant of publication, and that of the second one or 0."""
        bits = mix(seed, 200 + stage)
        kind = bits & 0xFFFF
        if kind >= self._overtaken:
            first = at_ms + USUAL_MS + (bits >> 16 & 4095)
        elif kind >= self._late:
            first = at_ms + OVERTAKEN_MS + (bits >> 16 & 0xFFFFFFFF) % OVERTAKEN_SPREAD_MS
        else:
            days = self._late_from + (bits >> 16 & 0xFFFF) % self._late_choices
            first = at_ms + days * DAY_MS + (bits >> 32 & 0xFFFF) * 60
        return first, first + 1000 + (bits >> 20 & 0xFFFF) * 9 if bits >> 48 < self._twice else 0
