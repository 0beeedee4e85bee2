"""One small nation for all tests of the sample."""

from fractions import Fraction

import pytest

from streams.sample.events import SampleEvent
from streams.sample.national import NationalSample
from streams.sample.parameters import SampleParameters


@pytest.fixture(scope="session")
def sample() -> NationalSample:
    return NationalSample(SampleParameters(scale=Fraction(1, 8000)))


@pytest.fixture(scope="session")
def events(sample: NationalSample) -> list[SampleEvent]:
    return list(sample.events())


@pytest.fixture(scope="session")
def nation() -> NationalSample:
    return NationalSample(SampleParameters(scale=Fraction(1, 1000)))
