"""The rules as headquarters publishes them, version by version, and what is in force on which day.

Source: 19 CFR 101.1 (the list of tariff numbers of each Center is published, and so is every change to it).
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from streams.customs.centers import center_by_slug
from streams.customs.importer_number import InvalidImporterNumber, importer_number
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
    accounts: Mapping[str, str] | None
    """P10: the whole account table; None where it stays."""


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
    accounts: Iterable[tuple[str, str]],
) -> AnnouncedRules:
    """Return a version of the rules from the words of its record. Raises `InvalidRules`."""
    rows, table = tuple(coverage), tuple(accounts)
    if not (policy or rows or table):
        msg = "policy: a version changes the policy, the coverage or the account table"
        raise InvalidRules(msg)
    if bool(rows) != bool(coverage_version):
        msg = "coverage_version: a coverage has a name, and a name has a coverage"
        raise InvalidRules(msg)
    try:
        switches = PlacementPolicy.from_words([*policy, ("version", (version,))]) if policy else None
        centers = _coverage(coverage_version, effective_day, rows).centers if rows else None
    except (InvalidPolicy, InvalidCoverage) as error:
        raise InvalidRules(str(error)) from None
    numbers = _accounts(table) if table else None
    return AnnouncedRules(
        version, effective_day, announced_ms, event_id, switches, centers, coverage_version, numbers
    )


def _coverage(version: str, day: Day, rows: Iterable[tuple[str, str, str]]) -> Coverage:
    return Coverage.from_rows(version, day, [CoverageRow(first, last, _center(slug)) for first, last, slug in rows])


def _center(slug: str) -> int:
    try:
        return center_by_slug(slug).id
    except KeyError:
        msg = f"coverage: there is no Center {slug}"
        raise InvalidRules(msg) from None


def _accounts(rows: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return the account of each number. Raises `InvalidRules` for a chain of accounts, which would have no end."""
    table: dict[str, str] = {}
    for text, account in rows:
        try:
            number = importer_number(text)
        except InvalidImporterNumber as error:
            msg = f"accounts: {error}"
            raise InvalidRules(msg) from None
        if table.setdefault(number.number, account) != account:
            msg = f"accounts: {number.masked} is given to two accounts"
            raise InvalidRules(msg)
        if not account.strip():
            msg = f"accounts: {number.masked} is given to no account"
            raise InvalidRules(msg)
    return MappingProxyType(table)


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
        tables = [version.accounts for version in known if version.accounts is not None]
        rules = PlacementRules(
            policy=policies[-1] if policies else first.policy,
            coverage=coverage,
            accounts=tables[-1] if tables else first.accounts,
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
    return {
        key: (" ".join(old[key]), " ".join(new[key])) for key in old if key != "version" and old[key] != new[key]
    }


def prefixes_changed(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Return the prefixes of the tariff that two coverages give to different Centers (0: to none of their own)."""
    prefixes = sorted(before.keys() | after.keys())
    pairs = {prefix: (before.get(prefix, 0), after.get(prefix, 0)) for prefix in prefixes}
    return {prefix: pair for prefix, pair in pairs.items() if pair[0] != pair[1]}
