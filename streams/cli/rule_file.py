"""A version of the rules as headquarters writes it: a TOML file, with the coverage as CSV beside it.

version = "2027-01"
effective_on = 2027-01-01
reason = "Federal Register notice of December 2026"

[policy]                        # all switches that differ from the default; left out: the policy stays
window_days = 365
entry_types = ["01", "02", "03"]

[coverage]                      # left out: the coverage stays
version = "2027-01"
file = "coverage.csv"           # columns from_code, to_code, center (slug); beside this file

[accounts]                      # left out: the account table stays; it takes account_key = "table" in the policy
"98-765432100" = "12-3456789"   # importer number = key of the account that it belongs to
"""

import csv
import tomllib
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from streams.contract.models import RulesVersion, faults_of
from streams.customs.calendar import EPOCH
from streams.customs.rule_book import AnnouncedRules, InvalidRules, announced

# The name space of ids of versions; never to be changed, or a file published again becomes a second version.
_IDS: Final = uuid.UUID("6b0c9d6e-2a7d-5d9b-8f6f-6d3f5b1f4c02")
_KEYS: Final = ("version", "effective_on", "event_time", "reason", "policy", "coverage", "accounts")
_COLUMNS: Final = ("from_code", "to_code", "center")


class InvalidRuleFile(ValueError):  # noqa: N818 - it names what is wrong with the file, not with the program
    """A file that holds no version of the rules; the text is one sentence that begins with the key."""


def read_rule_file(path: Path) -> RulesVersion:
    """Return the version that a file holds, as it is published. Raises `InvalidRuleFile`.

    `event_time`, the moment of the announcement, is now unless the file gives it. The event id follows from the
    content, so that the same file published again changes nothing.
    """
    written = _written(path)
    fields = {
        "event_time": written.get("event_time", datetime.now(UTC).replace(microsecond=0)),
        "source": "headquarters",
        "version": written.get("version"),
        "effective_on": written.get("effective_on"),
        "reason": written.get("reason"),
        "policy": [{"name": name, "values": _texts(value)} for name, value in _table(written, "policy").items()],
        **_coverage(path, _table(written, "coverage")),
    }
    accounts = _table(written, "accounts")
    if accounts:
        rows = sorted((str(number), str(account)) for number, account in accounts.items())
        fields["accounts"] = [{"importer_of_record": number, "account_key": account} for number, account in rows]
    content = repr(sorted((key, value) for key, value in fields.items() if key != "event_time"))
    fields["event_id"] = str(uuid.uuid5(_IDS, content))
    try:
        return RulesVersion.model_validate(fields)
    except ValidationError as error:
        raise InvalidRuleFile("; ".join(str(fault) for fault in faults_of(error))) from None


def judged(version: RulesVersion) -> AnnouncedRules:
    """Return what a version says to the rules. Raises `InvalidRuleFile`, as a worker would refuse it."""
    try:
        return announced(
            version=version.version,
            effective_day=(version.effective_on - EPOCH).days,
            announced_ms=int(version.event_time.timestamp() * 1000),
            event_id=version.event_id,
            policy=[(setting.name, setting.values) for setting in version.policy],
            coverage_version=version.coverage_version or "",
            coverage=[(row.from_code, row.to_code, row.center) for row in version.coverage],
            accounts=[(row.importer_of_record, row.account_key) for row in version.accounts],
        )
    except InvalidRules as fault:
        raise InvalidRuleFile(str(fault)) from None


def _written(path: Path) -> dict[str, Any]:
    try:
        written = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path}: no TOML file ({error})"
        raise InvalidRuleFile(message) from None
    unknown = sorted(written.keys() - set(_KEYS))
    if unknown:
        message = f"{unknown[0]}: there is no such key; there are {', '.join(_KEYS)}"
        raise InvalidRuleFile(message)
    if not isinstance(written.get("effective_on"), date) or isinstance(written["effective_on"], datetime):
        message = "effective_on: a date is needed, as in effective_on = 2027-01-01"
        raise InvalidRuleFile(message)
    return written


def _table(written: Mapping[str, Any], key: str) -> dict[str, Any]:
    table = written.get(key, {})
    if not isinstance(table, dict):
        message = f"{key}: a table is needed, [{key}]"
        raise InvalidRuleFile(message)
    return table


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _coverage(path: Path, table: Mapping[str, Any]) -> dict[str, Any]:
    if not table:
        return {}
    if table.keys() != {"version", "file"}:
        message = "coverage: it has a version and a file, and nothing else"
        raise InvalidRuleFile(message)
    beside = path.parent / str(table["file"])
    try:
        rows = list(csv.DictReader(beside.read_text("utf-8").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        message = f"coverage.file: {beside} cannot be read ({error})"
        raise InvalidRuleFile(message) from None
    if not rows or any(row.get(column) is None for row in rows for column in _COLUMNS):
        message = f"coverage.file: {beside} has rows with the columns {', '.join(_COLUMNS)}"
        raise InvalidRuleFile(message)
    kept = [{column: row[column] for column in _COLUMNS} for row in rows]
    return {"coverage_version": str(table["version"]), "coverage": kept}
