"""A real Prometheus scrapes a real worker: the series arrive, and a rule fires while a reader stands still."""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import pytest

from streams.local.broker import free_port
from tests.unit.ops.kit import Reader, create_topics, get, publish_sample, worker
from tests.waiting import wait_until

MONITORING: Final = Path(__file__).parents[2] / "monitoring"
RULES: Final = MONITORING / "prometheus" / "rules.yml"
DASHBOARD: Final = MONITORING / "grafana" / "dashboards" / "cee-streams.json"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="no Prometheus here: apt-get install prometheus"),
]


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[str]:
    """Run Prometheus with our rules, without their waiting times; give its address."""
    folder.mkdir()
    rules = re.sub(r"^( +for:).*$", r"\1 0s", RULES.read_text("utf-8"), flags=re.MULTILINE)
    (folder / "rules.yml").write_text(rules, "utf-8")
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
        "rule_files: [rules.yml]\n"
        "scrape_configs:\n"
        f"  - job_name: cee-worker\n    static_configs: [{{targets: ['{target}']}}]\n",
        "utf-8",
    )
    url = f"127.0.0.1:{free_port()}"
    command = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, f"--web.listen-address={url}"], stdout=log, stderr=log)
    try:
        wait_until(lambda: get(f"http://{url}/-/ready")[0] == 200, 90, lambda: (folder / "log").read_text("utf-8"))
        yield f"http://{url}"
    finally:
        process.terminate()
        process.wait(20)


def ask(url: str, expression: str) -> list[dict[str, Any]]:
    status, body = get(f"{url}/api/v1/query?query={quote(expression)}")
    found: list[dict[str, Any]] = json.loads(body)["data"]["result"] if status == 200 else []
    return found


def empty_panels(url: str) -> list[str]:
    """Return the dashboard's queries to which Prometheus has no answer."""
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"] if not ask(url, target["expr"])]


def firing(url: str) -> dict[str, dict[str, str]]:
    """Return labels of the alerts that fire, by name."""
    alerts = json.loads(get(f"{url}/api/v1/alerts")[1])["data"]["alerts"]
    return {alert["labels"]["alertname"]: alert["labels"] for alert in alerts if alert["state"] == "firing"}


def test_prometheus_takes_every_series_and_an_alert_fires_while_a_reader_stands_still(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    create_topics(bootstrap_servers, namespace)
    published = publish_sample(bootstrap_servers, namespace, 2000)
    topic, group = f"{namespace}-center-work-agriculture-prepared-products", f"{namespace}-desk"
    with (
        worker(bootstrap_servers, namespace, tmp_path / "state") as running,
        prometheus(tmp_path / "prometheus", urlsplit(running.url).netloc) as url,
    ):
        wait_until(lambda: ask(url, f"sum(cee_records_total) >= {published}"), 180)
        [scrape] = json.loads(get(f"{url}/api/v1/targets")[1])["data"]["activeTargets"]
        assert (scrape["health"], scrape["lastError"]) == ("up", "")
        assert "CeeGroupStalled" not in firing(url)
        # Every panel of the dashboard shows something: its query is right, and its series are there.
        wait_until(lambda: not empty_panels(url), 120, lambda: str(empty_panels(url)))

        async def stand_still() -> None:
            async with Reader(bootstrap_servers, topic, group) as reader:
                assert await reader.read(30)
                await asyncio.to_thread(
                    wait_until, lambda: firing(url).get("CeeGroupStalled", {}).get("group") == group, 180
                )
                status = ask(url, f'cee_consumergroup_status{{group="{group}",status="STALL"}}')
                assert [one["value"][1] for one in status] == ["1"]
                lag = ask(url, f'kafka_consumergroup_group_sum_lag{{group="{group}"}} > 0')
                assert len(lag) == 1
                await reader.consumer.commit()
                await asyncio.to_thread(wait_until, lambda: "CeeGroupStalled" not in firing(url), 120)

        asyncio.run(stand_still())
