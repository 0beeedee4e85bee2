"""The national sample: every event of a part of the nation, in the order of publication."""

from collections.abc import Iterator
from functools import cached_property

from streams.sample.checks import ParameterError
from streams.sample.events import Events, SampleEvent
from streams.sample.goods import Catalogue
from streams.sample.importers import Importers
from streams.sample.lifecycle import LifeCycle, Stage
from streams.sample.parameters import SampleParameters
from streams.sample.plans import Stripe, make_stripes
from streams.sample.schedule import Schedule
from streams.sample.wrong import Wrong


class NationalSample:
    """A made-up nation's trade; the same parameters give the same events on every machine.

    `importers`, `life` and `stripes` show who is behind it, for tests and reports.
    """

    def __init__(self, parameters: SampleParameters | None = None) -> None:
        self.parameters = parameters or SampleParameters()
        self.importers = Importers(self.parameters, Catalogue(self.parameters))
        self.life = LifeCycle(self.parameters)

    @cached_property
    def stripes(self) -> tuple[Stripe, ...]:
        """Groups of importers that are generated apart."""
        return make_stripes(self.parameters, self.importers)

    def events(self, part: int = 0, parts: int = 1) -> Iterator[SampleEvent]:
        """Yield the events of part `part` (0 to `parts` - 1) in the order of their publication.

        All events of an importer are in one part. Merged by (`published_ms`, `order`), the parts are the whole.
        Memory holds what is under way within weeks, never the year. Raises `ParameterError` for a part that
        does not exist, or for more parts than the sample has stripes.
        """
        if not 0 <= part < parts <= self.parameters.stripes:
            message = (
                f"part {part} of {parts} does not exist: parts count from 0, up to {self.parameters.stripes} of them"
            )
            raise ParameterError(message)
        return self._events([stripe for stripe in self.stripes if stripe.number % parts == part])

    def _events(self, stripes: list[Stripe]) -> Iterator[SampleEvent]:
        """Yield the events of some stripes."""
        schedule = Schedule(self.parameters, self.importers, self.life, stripes)
        events = Events(self.parameters, self.importers, self.life, schedule.protests)
        wrong = Wrong(events, self.importers)
        for due in schedule:
            yield wrong.event(due) if due.stage == Stage.WRONG else events.event(due)
