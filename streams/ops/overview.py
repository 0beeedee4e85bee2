"""Everything that the page shows at once, put together from the monitor, the workers and the recent records. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from streams.contract.topics import TopicNames, load_topics
from streams.customs.centers import centers
from streams.ops.answer import Clocks, Facts, answer, reader_name
from streams.ops.buckets import quantile
from streams.ops.fleet import Fleet
from streams.ops.health import SILENT
from streams.ops.lag.book import GroupLag, LagReport, PlaceLag
from streams.ops.lag.history import seconds_of
from streams.ops.lag.verdict import Verdict
from streams.ops.metrics import LATENCY_BUCKETS
from streams.ops.recent import Kept, Recent

SHOWN: Final = 25
VERSION: Final = 1


class Scene(NamedTuple):
    """What is put together."""

    names: TopicNames
    group: str
    partitions: int
    report: LagReport | None
    growth: Mapping[str, float]
    """How many offsets a second each topic grows."""
    fleet: Fleet
    recent: Recent
    now: float


def overview(scene: Scene) -> dict[str, Any]:
    """Return the page's figures as plain values; times are seconds since 1970 unless they end in `_ms`."""
    views = scene.fleet.views
    tasks = [task | {"worker": view["url"] or view["name"]} for view in views for task in view["tasks"]]
    names = _center_topics(scene.names)
    facts = Facts(scene.report, scene.now, scene.group, names, tasks, _troubles(scene), _clocks(scene))
    said = answer(facts)
    groups = scene.report.groups if scene.report else ()
    return {
        "version": VERSION,
        "namespace": scene.names.namespace,
        "at": scene.now,
        "seen_at": scene.report.at if scene.report else None,
        "answer": said._asdict(),
        "figures": _figures(scene, groups),
        "centers": [_center(scene, center, groups) for center in centers()],
        "desks": _desks(scene),
        "groups": [_group(group, facts) for group in groups],
        "gone": [{"group": name, "at": at} for name, at in (scene.report.gone if scene.report else {}).items()],
        "partitions": scene.partitions,
        "tasks": sorted(tasks, key=lambda task: (task["partition"], task["worker"])),
        "workers": [_worker(scene, view) for view in views],
        "silent": [{"worker": url, "why": why} for url, why in sorted(scene.fleet.silent.items())],
        "dead_letters": _dead_letters(scene.recent, scene.now),
        "refusals": _kept(scene.recent.refusals, scene.now),
        "changes": _kept(scene.recent.changes, scene.now),
        "flow": _flow(scene, groups),
    }


def _center_topics(names: TopicNames) -> dict[str, str]:
    return {names.center_work(center.slug): short_name(center.name) for center in centers()}


def _clocks(scene: Scene) -> dict[str, Clocks]:
    counts = {center.slug: _desk_counts(scene.fleet.views, center.slug) for center in centers()}
    return {
        scene.names.center_work(slug): Clocks(count["due_soon"], count["overdue"]) for slug, count in counts.items()
    }


def short_name(name: str) -> str:
    """Return a Center's name as far as its first comma or 'and': enough to tell it from the others."""
    for end in (",", " &", " and "):
        name = name.split(end, 1)[0]
    return name


def _troubles(scene: Scene) -> list[str]:
    troubles = [f"Worker {url} is silent ({why})" for url, why in scene.fleet.silent.items() if url.startswith("http")]
    for view in scene.fleet.views:
        halted = {f"partition {task['partition']} is halted" for task in view["tasks"] if task["halted"]}
        silent = [reason for reason in view["reasons"] if reason.startswith(SILENT)]
        # Without a broker no partition moves: the first reason is the cause of the others.
        told = silent or [reason for reason in view["reasons"] if not any(reason.startswith(known) for known in halted)]
        troubles += [f"{view['url'] or view['name']}: {reason}" for reason in told]
    return troubles


def _figures(scene: Scene, groups: Sequence[GroupLag]) -> dict[str, Any]:
    own = next((group for group in groups if group.name == scene.group), None)
    latencies = scene.fleet.latency_counts()
    return {
        "records_per_second": sum(scene.fleet.rates("records").values()),
        "items_per_second": sum(scene.fleet.rates("items").values()),
        "lag": own.lag if own else None,
        "lag_seconds": seconds_of(own) if own else None,
        "p50": quantile(LATENCY_BUCKETS, latencies, 0.5) if latencies else None,
        "p99": quantile(LATENCY_BUCKETS, latencies, 0.99) if latencies else None,
        "dead_letters_today": sum(scene.recent.dead_letters.counted(int(scene.now * 1000)).values()),
    }


def _center(scene: Scene, center: Any, groups: Sequence[GroupLag]) -> dict[str, Any]:  # noqa: ANN401 - a row of centers()
    topic = scene.names.center_work(center.slug)
    readers = [group for group in groups if topic in group.topics]
    places = [place for group in readers for place in group.places if place.topic == topic]
    return {
        "slug": center.slug,
        "name": center.name,
        "short": short_name(center.name),
        "office": center.field_office,
        "per_second": scene.fleet.rates("items").get(center.slug, 0.0),
        "readers": [group.name for group in readers],
        "state": _state(readers),
        "lag": sum(place.lag for place in places) if readers else None,
        "waiting": _held(scene.report, topic) if not readers and scene.report else None,
        "lag_seconds": max((late for group in readers if (late := seconds_of(group)) is not None), default=None),
        "dead_letters": scene.recent.sources.counted(int(scene.now * 1000))[scene.names.center_decision(center.slug)],
        **_desk_counts(scene.fleet.views, center.slug),
    }


def _held(report: LagReport, topic: str) -> int:
    """Return how many offsets a topic holds: with transaction markers, as nobody tells them from records."""
    return sum(end - report.begins.get(place, 0) for place, end in report.ends.items() if place[0] == topic)


def _state(readers: Sequence[GroupLag]) -> str:
    """Return the state of a Center's readers in a word."""
    if not readers:
        return "no reader"
    worst = max((group.verdict for group in readers), key=lambda verdict: verdict.code)
    words = {
        Verdict.STOP: "stopped",
        Verdict.STALL: "stalled",
        Verdict.REWIND: "rewound",
        Verdict.WARN: "falling behind",
    }
    late = any((seconds_of(group) or 0) > 60 for group in readers)  # noqa: PLR2004 - a minute is what people call late
    behind = any(group.lag for group in readers)
    return words.get(worst, "catching up" if late else "reading" if behind else "up to date")


def _desk_counts(views: Sequence[Mapping[str, Any]], desk: str) -> dict[str, Any]:
    def total(kind: str, state: str | None = None) -> int:
        counts = [view["census"][kind].get(desk, {}) for view in views]
        return sum(sum(count.values()) if state is None else count.get(state, 0) for count in counts)

    return {
        "open": total("cases"),
        "due_soon": total("clocks", "due_soon"),
        "overdue": total("clocks", "overdue"),
        "importers": total("placements"),
    }


def _desks(scene: Scene) -> list[dict[str, Any]]:
    """Return what lies beside the Centers."""
    rates = scene.fleet.rates("items")
    return [
        {"desk": desk, "per_second": rates.get(desk, 0.0), **_desk_counts(scene.fleet.views, desk)}
        for desk in ("pending", "ineligible", "elsewhere")
    ]


def _group(group: GroupLag, facts: Facts) -> dict[str, Any]:
    return {
        "group": group.name,
        "reader": reader_name(group, facts),
        "state": group.state,
        "verdict": group.verdict.value,
        "lag": group.lag,
        "lag_seconds": group.lag_seconds,
        "age_seconds": group.age_seconds,
        "behind_since": group.behind_since,
        "members": len(group.members),
        "uncommitted": group.uncommitted,
        "lost": sum(place.lost for place in group.places),
        "retention_left": min(
            (left for place in group.places if (left := place.retention_left) is not None), default=None
        ),
        "topics": list(group.topics),
        "places": [_place(place) for place in group.places if place.lag or place.end],
    }


def _place(place: PlaceLag) -> list[Any]:
    """Return a reader of one partition as a row: the page has a hundred and more of them."""
    return [
        place.topic,
        place.partition,
        place.offset,
        place.end,
        place.lag,
        _rounded(place.age_seconds if place.age_seconds is not None else place.lag_seconds),
        place.verdict.value,
        place.owner.client_id or place.owner.id,
    ]


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _worker(scene: Scene, view: Mapping[str, Any]) -> dict[str, Any]:
    def rate(name: str) -> dict[str, float]:
        return scene.fleet.worker_rates(view["url"], name)

    records, batches, steps = sum(rate("records").values()), sum(rate("batches").values()), rate("steps")
    spent = sum(steps.values())
    return {
        "worker": view["url"] or view["name"],
        "name": view["name"],
        "started_at": view["started_at"],
        "tasks": len(view["tasks"]),
        "well": view["well"],
        "reasons": view["reasons"],
        "records_per_second": records,
        "batch_records": records / batches if batches else None,
        "cpu": sum(rate("cpu").values()),
        "shares": {step: share / spent for step, share in steps.items()} if spent else {},
        "commit_p99": view["commit_p99"],
    }


def _kept(kept: Kept, now: float) -> dict[str, Any]:
    today = kept.counted(int(now * 1000))
    reasons = [
        {"reason": reason, "today": count, "last_ms": kept.last_ms[reason]} for reason, count in today.most_common()
    ]
    return {"reasons": reasons, "items": list(kept.items)[:SHOWN]}


def _dead_letters(recent: Recent, now: float) -> dict[str, Any]:
    """Return them with what was done about each, empty where nothing was."""
    kept = _kept(recent.dead_letters, now)
    places = [f"{item['at_partition']}/{item['at_offset']}" for item in kept["items"]]
    items = [item | {"became": recent.became.get(place, "")} for item, place in zip(kept["items"], places, strict=True)]
    return kept | {"items": items}


def _flow(scene: Scene, groups: Sequence[GroupLag]) -> dict[str, Any]:
    """Return the topics of the declarations with their live rates, for the picture of the flow."""
    outputs = scene.fleet.rates("outputs")
    outputs[scene.names.of("dead-letter")] = sum(scene.fleet.rates("dead_letters").values())
    own = next((group for group in groups if group.name == scene.group), None)
    topics = [
        {
            "topic": topic.name,
            "family": topic.family,
            "purpose": topic.purpose,
            "producers": list(topic.producers),
            "consumers": list(topic.consumers),
            "in_per_second": scene.growth.get(scene.names.of(topic.name), 0.0),
            "out_per_second": outputs.get(scene.names.of(topic.name), 0.0),
            "lag": sum(p.lag for p in own.places if p.topic == scene.names.of(topic.name)) if own else None,
        }
        for topic in load_topics()
    ]
    outcomes = scene.fleet.rates("records")
    return {"topics": topics, "outcomes": outcomes, "workers": len(scene.fleet.views), "partitions": scene.partitions}
