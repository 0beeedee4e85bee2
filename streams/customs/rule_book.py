"""The rules as headquarters publishes them, version by version, and what is in force on which day.

Source: 19 CFR 101.1 (the list of tariff numbers of each Center is published, and so is every change to it).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from streams.customs.centers import center_by_slug
from streams.customs.policy import InvalidPolicy, PlacementPolicy, PlacementRules
from streams.customs.tariff import Coverage, CoverageBook, CoverageRow, Day, InvalidCoverage

Words = Sequence[tuple[str, Sequence[str]]]


class InvalidRules(ValueError):  # noqa: N818 - it names what is wrong with the version, not with the program
    """A version that makes no rules; the text is one sentence that begins with the key."""


class AnnouncedRules(NamedTuple):
    """A version of the rules as headquarters has announced it; what it leaves out stays as it is."""

    version: str
    effective_day: Day
    announced_ms: int
    event_id: str
    policy: PlacementPolicy | None
    coverage: Mapping[str, int] | None
    """Center by prefix; None where the coverage stays."""
    coverage_version: str


class Adopted(NamedTuple):
    """A version with the first daily cut that is folded under it: later than its date where it came late."""

    begins: Day
    rules: AnnouncedRules


def announced(  # noqa: PLR0913 - the parts of one record
    *,
    version: str,
    effective_day: Day,
    announced_ms: int,
    event_id: str,
    policy: Words,
    coverage_version: str,
    coverage: Iterable[tuple[str, str, str]],
    accounts: Sequence[tuple[str, str]],
) -> AnnouncedRules:
    """Return a version of the rules from the words of its record. Raises `InvalidRules`."""
    rows = tuple(coverage)
    if accounts:
        msg = "accounts: numbers of different bases are no account yet (P10), and none can be given one"
        raise InvalidRules(msg)
    if not (policy or rows):
        msg = "policy: a version changes the policy or the coverage"
        raise InvalidRules(msg)
    if bool(rows) != bool(coverage_version):
        msg = "coverage_version: a coverage has a name, and a name has a coverage"
        raise InvalidRules(msg)
    try:
        switches = PlacementPolicy.from_words([*policy, ("version", (version,))]) if policy else None
        centers = _coverage(coverage_version, effective_day, rows).centers if rows else None
    except (InvalidPolicy, InvalidCoverage) as error:
        raise InvalidRules(str(error)) from None
    return AnnouncedRules(version, effective_day, announced_ms, event_id, switches, centers, coverage_version)


def _coverage(version: str, day: Day, rows: Iterable[tuple[str, str, str]]) -> Coverage:
    return Coverage.from_rows(version, day, [CoverageRow(first, last, _center(slug)) for first, last, slug in rows])


def _center(slug: str) -> int:
    try:
        return center_by_slug(slug).id
    except KeyError:
        msg = f"coverage: there is no Center {slug}"
        raise InvalidRules(msg) from None


def rules_of(first: PlacementRules, adopted: Iterable[Adopted]) -> PlacementRules:
    """Return the rules that versions add up to, the latest with all earlier ones behind it.

    Of two versions for one day the one announced later stands, so that an announcement can be mended before its day;
    the order in which versions arrive does not matter.
    """
    versions = sorted(adopted, key=_rank)
    coverage = _coverage_book(first.coverage, versions)
    rules = first._replace(coverage=coverage)
    for begins in sorted({version.begins for version in versions}):
        known = [version.rules for version in versions if version.begins <= begins]
        policies = [version.policy for version in known if version.policy is not None]
        rules = PlacementRules(
            policy=policies[-1] if policies else first.policy,
            coverage=coverage,
            begins=begins,
            earlier=rules,
        )
    return rules


def _rank(version: Adopted) -> tuple[Day, int, str]:
    rules = version.rules
    return rules.effective_day, rules.announced_ms, rules.event_id


def _coverage_book(first: CoverageBook, versions: Iterable[Adopted]) -> CoverageBook:
    """Return the book with the coverage of each version from the day on which it begins; of a day the last one."""
    by_day = {coverage.effective_from: coverage for coverage in first.versions}
    for begins, rules in versions:
        if rules.coverage is not None:
            by_day[begins] = Coverage(rules.coverage_version, begins, rules.coverage)
    return CoverageBook(tuple(by_day[day] for day in sorted(by_day)))


def switches_changed(before: PlacementPolicy, after: PlacementPolicy) -> dict[str, tuple[str, str]]:
    """Return the switches in which two policies differ, each with both values as text; their names aside."""
    old, new = before.as_words(), after.as_words()
    return {key: (" ".join(old[key]), " ".join(new[key])) for key in old if key != "version" and old[key] != new[key]}


def prefixes_changed(before: Coverage, after: Coverage) -> dict[str, tuple[int, int]]:
    """Return the prefixes whose goods two coverages give to different Centers (0: to none), in their order."""
    prefixes = sorted(before.centers.keys() | after.centers.keys())
    pairs = {prefix: (before.center(prefix), after.center(prefix)) for prefix in prefixes}
    return {prefix: pair for prefix, pair in pairs.items() if pair[0] != pair[1]}
