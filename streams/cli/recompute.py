"""What `cee placement recompute` works out."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click

from streams.cli.options import client_settings
from streams.cli.rule_file import judged, read_rule_file
from streams.contract.masking import masked
from streams.contract.topics import TopicNames
from streams.customs.calendar import EPOCH, eastern_day_number
from streams.customs.centers import centers
from streams.customs.policy import PlacementRules
from streams.customs.recompute import Prospect
from streams.customs.rule_book import Adopted, rules_of
from streams.customs.tariff import Day
from streams.ops.committed import Changed, Cluster, recomputed_for_all
from streams.ops.published_rules import PublishedRules, original_rules, read_published

_SLUGS: Final = {center.id: center.slug for center in centers()} | {0: None}
_QUIET: Final = (Prospect.STAYS, Prospect.UNPLACED)


async def recompute_all(
    bootstrap_servers: str, registry: str, namespace: str, as_of: datetime | None, file: Path | None
) -> dict[str, Any]:
    """Return what the rules of a day would change, as plain values. Raises `ClusterError` and `RegistryError`."""
    cluster = Cluster(bootstrap_servers, TopicNames(namespace), registry, client_settings())
    published = await read_published(bootstrap_servers, cluster.names, registry, cluster.client)
    rules, day = _rules(published, as_of, file)
    counts: Counter[str] = Counter()
    changes = []
    for changed in await recomputed_for_all(cluster, rules, day):
        counts[changed.found.prospect.value] += 1
        if changed.found.prospect not in _QUIET:
            changes.append(_row(changed))
    ruled = rules.at(day)
    shown: dict[str, Any] = {
        "as_of": (EPOCH + timedelta(days=day)).isoformat(),
        "policy_version": ruled.policy.version,
        "coverage_version": ruled.coverage.in_force(day).version,
        "importers": {prospect.value: counts[prospect.value] for prospect in Prospect},
        "changes": changes,
    }
    plain: dict[str, Any] = json.loads(masked(json.dumps(shown)))
    return plain


def _rules(published: PublishedRules, as_of: datetime | None, file: Path | None) -> tuple[PlacementRules, Day]:
    """Return all published rules, with those of a file from its day on, and the day that is asked about."""
    day = (as_of.date() - EPOCH).days if as_of else eastern_day_number(int(datetime.now(UTC).timestamp() * 1000))
    if file is None:
        return published.rules, day
    version = judged(read_rule_file(file))
    begins = version.effective_day
    if as_of and day < begins:
        message = f"{version.version} begins on {EPOCH + timedelta(days=begins)}, after the day of --as-of"
        raise click.ClickException(message)
    others = [adopted for adopted in published.adopted if adopted.rules.version != version.version]
    return rules_of(original_rules(), [*others, Adopted(begins, version)]), day if as_of else begins


def _row(changed: Changed) -> dict[str, Any]:
    found = changed.found
    return {
        "account_key": changed.account,
        "importer_numbers": list(changed.importers),
        "center": _SLUGS[found.center],
        "computed_center": _SLUGS[found.computed],
        "would_lead": _SLUGS[found.leader],
        "prospect": found.prospect.value,
        "reason": found.reason,
    }
