"""The rules as headquarters publishes them, version by version, and what is in force on which day.

Source: 19 CFR 101.1 (the list of tariff numbers of each Center is published, and so is every change to it).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from streams.customs.centers import center_by_slug
from streams.customs.importer_number import AccountKey, InvalidImporterNumber, importer_number
from streams.customs.policy import InvalidPolicy, PlacementPolicy, PlacementRules
from streams.customs.tariff import Coverage, CoverageBook, CoverageRow, Day, InvalidCoverage

Words = Sequence[tuple[str, Sequence[str]]]


class InvalidRules(ValueError):  # noqa: N818 - it names what is wrong with the version, not with the program
    """A version that makes no rules; the text is one sentence that begins with the key."""


class AnnouncedRules(NamedTuple):
    """A version of the rules as headquarters has announced it; a part that it leaves out stays as it is."""

    version: str
    effective_day: Day
    announced_ms: int
    event_id: str
    policy: PlacementPolicy | None
    """All of it, switches that the version does not name by default; None where the policy stays."""
    coverage: Mapping[str, int] | None
    """Center by prefix; None where the coverage stays."""
    coverage_version: str
    accounts: Mapping[str, str] | None = None
    """P10: account by importer number; None where the account table stays."""


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
    if not (policy or rows or accounts):
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
    table = _accounts(switches, accounts) if accounts else None
    return AnnouncedRules(version, effective_day, announced_ms, event_id, switches, centers, coverage_version, table)


def _coverage(version: str, day: Day, rows: Iterable[tuple[str, str, str]]) -> Coverage:
    return Coverage.from_rows(version, day, [CoverageRow(first, last, _center(slug)) for first, last, slug in rows])


def _accounts(switches: PlacementPolicy | None, rows: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """Return the account table (P10); it and the policy that lets it count come together."""
    if switches is None or switches.account_key is not AccountKey.TABLE:
        msg = f"accounts: an account table takes account_key = {AccountKey.TABLE} in the policy of the same version"
        raise InvalidRules(msg)
    table: dict[str, str] = {}
    for number, account in rows:
        if not _is_number(number) or not _is_account(account):
            msg = "accounts: importer numbers in their normal form belong to accounts, the bases of such numbers"
            raise InvalidRules(msg)
        if table.setdefault(number, account) != account:
            msg = "accounts: an importer number belongs to one account"
            raise InvalidRules(msg)
    return table


def _is_number(text: str) -> bool:
    try:
        return importer_number(text).number == text
    except InvalidImporterNumber:
        return False


def _is_account(text: str) -> bool:
    try:
        return importer_number(text).base == text
    except InvalidImporterNumber:
        return False


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
        tables = [version.accounts for version in known if version.accounts is not None]
        policy, accounts = policies[-1] if policies else first.policy, tables[-1] if tables else first.accounts
        rules = PlacementRules(policy, coverage, begins, rules, accounts, _regrouped(rules, policy, accounts))
    return rules


def _regrouped(before: PlacementRules, policy: PlacementPolicy, accounts: Mapping[str, str]) -> frozenset[str] | None:
    """Return the numbers whose account is, or was, not simply their base; None where that may be any."""
    if before.regrouped is None or policy.account_key is AccountKey.NUMBER:
        return None
    return before.regrouped | accounts.keys() if policy.account_key is AccountKey.TABLE else before.regrouped


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


def accounts_changed(before: PlacementRules, after: PlacementRules) -> dict[str, tuple[str, str]]:
    """Return the importer numbers of either account table that go to another account, in their order (P10)."""
    numbers = sorted(before.accounts.keys() | after.accounts.keys())
    bases = {number: importer_number(number).base for number in numbers}
    pairs = {
        number: (before.account_of(number, base), after.account_of(number, base)) for number, base in bases.items()
    }
    return {number: pair for number, pair in pairs.items() if pair[0] != pair[1]}


def prefixes_changed(before: Coverage, after: Coverage) -> dict[str, tuple[int, int]]:
    """Return the prefixes whose goods two coverages give to different Centers (0: to none), in their order."""
    prefixes = sorted(before.centers.keys() | after.centers.keys())
    pairs = {prefix: (before.center(prefix), after.center(prefix)) for prefix in prefixes}
    return {prefix: pair for prefix, pair in pairs.items() if pair[0] != pair[1]}
