"""The page in a real browser: its figures are the broker's, it is live, it can be used by everybody."""

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pytest

from streams.contract.topics import TopicNames
from streams.ops.lag.once import look_once
from tests.integration.browser.conftest import CHROMIUM
from tests.unit.ops.kit import (
    Reader,
    RunningWorker,
    create_topics,
    publish_raw,
    publish_sample,
    worker,
)
from tests.waiting import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

T = TypeVar("T")

AXE = Path(__file__).parent / "axe" / "axe.min.js"
PAGES = ("", "centers", "centers/electronics", "importers", "lag", "dead-letters")
WAIT_SECONDS = 90
"""A limit for a machine that has much else to do, not an expectation."""
DESKTOP, PHONE = {"width": 1320, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not where the tests are skipped

    with sync_playwright() as playwright:
        # The worker's pages are on this machine, and nothing else is asked for: the sandbox has no part in it.
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def opened(chromium: "Browser", url: str, size: dict[str, int], scheme: str = "light") -> tuple["Page", list[str]]:
    """Open the page; return it, and the list that its errors and foreign requests go to."""
    context: Any = chromium.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    context.set_default_timeout(WAIT_SECONDS * 1000)
    page, errors = context.new_page(), []
    page.on("console", lambda message: errors.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(url) else errors.append(f"asked {request.url}"))
    page.goto(url + "/")
    page.wait_for_selector("h1")
    return page, errors


def show(page: "Page", name: str) -> None:
    page.evaluate("name => { location.hash = `#/${name}`; }", name)
    # The page shows its part and marks where it is in one step.
    page.locator(f'nav a[aria-current="page"][href="#/{name.partition("/")[0]}"]').wait_for()


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run something in a loop of its own: the browser's driver has one in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def number(text: str) -> int:
    return int(re.sub(r"[^\d]", "", text))


def rows(page: "Page", name: str) -> list[list[str]]:
    """Return the cells of a named table."""
    found: list[list[str]] = page.eval_on_selector_all(
        f'[aria-label="{name}"] tbody tr',
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))",
    )
    return found


class Ground(NamedTuple):
    """A worker that has processed a sample with three bad records in it, and where it works."""

    bootstrap_servers: str
    namespace: str
    worker: RunningWorker


@pytest.fixture(scope="module")
def ground(bootstrap_servers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Give one worker for all tests of the page: they look, and change nothing that another looks at."""
    namespace = f"t{uuid.uuid4().hex[:8]}"
    create_topics(bootstrap_servers, namespace)
    publish_sample(bootstrap_servers, namespace, 3000)
    publish_raw(bootstrap_servers, f"{namespace}-entry-summary-event", [b"no event"] * 3)
    with worker(bootstrap_servers, namespace, tmp_path_factory.mktemp("state")) as one:
        wait_until(lambda: overview(one)["figures"]["lag"] == 0 and overview(one)["changes"]["items"], 180)
        wait_until(lambda: sum(center["open"] for center in overview(one)["centers"]) > 0, 120)
        wait_until(lambda: overview(one)["figures"]["dead_letters_today"] == 3, 120)
        yield Ground(bootstrap_servers, namespace, one)


@pytest.fixture
def running(ground: Ground) -> RunningWorker:
    """Give the worker alone."""
    return ground.worker


def overview(one: RunningWorker) -> dict[str, Any]:
    return one.json("/api/overview")


def test_figures_on_the_page_are_the_brokers_and_move_with_it(ground: Ground, shots: Path) -> None:
    bootstrap_servers, namespace, running = ground
    topic, group = f"{namespace}-center-work-electronics", f"{namespace}-desk"
    names = TopicNames(namespace)

    async def read_and_commit() -> None:
        async with Reader(bootstrap_servers, topic, group) as reader:
            await reader.consumer.getmany(timeout_ms=5000, max_records=1)
            await reader.consumer.commit()

    async def read_all() -> None:
        async with Reader(bootstrap_servers, topic, group) as reader:
            await reader.read()
            await reader.consumer.commit()

    def broker_lag() -> tuple[int, list[int]]:
        found = apart(look_once(bootstrap_servers, names, "cee-placement", re.compile(re.escape(group))))
        [one] = [one for one in found["groups"] if one["group"] == group]
        return one["lag"], [place["end"] for place in one["places"] if place["end"]]

    apart(read_and_commit())
    unread, ends = broker_lag()
    assert unread > 0
    with browser() as chromium:
        page, errors = opened(chromium, running.url, DESKTOP)
        tile = page.locator('[data-center="electronics"]')
        wait_until(lambda: f"{unread:,} unread" in tile.inner_text(), WAIT_SECONDS, tile.inner_text)
        show(page, "centers/electronics")
        shown = rows(page, f"Partitions of {group}")
        assert [number(row[3]) for row in shown] == ends
        assert sum(number(row[4]) for row in shown) == unread
        page.screenshot(path=shots / "center.png", full_page=True)

        show(page, "")
        apart(read_all())
        assert broker_lag()[0] == 0

        wait_until(
            lambda: re.search("up to date.*0 unread", tile.inner_text(), re.DOTALL), WAIT_SECONDS, tile.inner_text
        )
        assert errors == []


def test_a_look_up_gives_placement_evidence_and_history_and_says_when_there_is_none(
    running: RunningWorker, shots: Path
) -> None:
    changes = [one for one in overview(running)["changes"]["items"] if not one["account_key"].startswith("***")]
    importer, center = changes[0]["account_key"], running.json(f"/api/importer/{changes[0]['account_key']}")["center"]
    name = next(one["name"] for one in overview(running)["centers"] if one["slug"] == center)
    with browser() as chromium:
        page, errors = opened(chromium, running.url, DESKTOP)
        page.get_by_label("Importer number").fill(importer)
        page.get_by_label("Importer number").press("Enter")
        page.wait_for_selector(".found table")
        text = page.locator(".found").inner_text()
        assert importer in text
        assert name in text
        assert rows(page, "Evidence by heading")
        assert rows(page, "History")
        page.screenshot(path=shots / "importer.png", full_page=True)

        assert errors == []
        page.get_by_label("Importer number").fill("99-0000000")
        page.get_by_role("button", name="Look up").click()
        # Not by a function of our own: the page's content policy forbids evaluating one.
        page.locator(".found").filter(has_text="no event of this importer").wait_for()
        assert [error for error in errors if "404" not in error] == []


def test_dead_letters_show_reason_origin_and_commands_to_copy_that_do_what_they_say(ground: Ground) -> None:
    namespace, running = ground.namespace, ground.worker
    with browser() as chromium:
        page, errors = opened(chromium, running.url, DESKTOP)
        show(page, "dead-letters")
        [reason, today, _last] = rows(page, "Dead letters today")[0]
        last = rows(page, "Last dead letters")

        assert number(today) == 3
        assert [row[1] for row in last] == [reason] * 3
        assert {row[4].rpartition(" @ ")[0] for row in last} == {f"{namespace}-entry-summary-event 0"}
        first = page.locator("section[aria-label='Last dead letters'] tbody tr").first
        showing, _replaying, returning = first.locator("code").all_inner_texts()
        assert showing == f"cee dlq show 0/2 --namespace {namespace}"
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        first.locator("button").first.click()
        page.wait_for_selector("button:has-text('Copied')")
        assert page.evaluate("navigator.clipboard.readText()") == showing
        assert json.loads(ran(ground, showing))["reason"] == reason
        assert "1 dead letter was returned" in ran(ground, returning)
        first.locator(".state").filter(has_text="returned").wait_for()
        assert errors == []


def ran(ground: Ground, command: str) -> str:
    """Run a command of the page as a person would paste it, and return what it prints."""
    environment = {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": ground.bootstrap_servers}
    _cee, *arguments = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", *arguments], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_passes_the_accessibility_check_and_has_no_errors(
    running: RunningWorker, shots: Path, scheme: str
) -> None:
    with browser() as chromium:
        page, errors = opened(chromium, running.url, DESKTOP, scheme)
        # The page's own policy lets no foreign script in, and that is right: the check is put in from outside.
        page.context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
        page.reload()
        page.wait_for_selector("h1")
        for name in PAGES:
            show(page, name)
            page.evaluate(AXE.read_text("utf-8"))
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            told = [
                (one["id"], [node["target"] for node in one["nodes"]][:3], one["nodes"][0]["failureSummary"])
                for one in found["violations"]
            ]
            assert told == [], f"{name}: {told}"
            page.screenshot(path=shots / f"{name.replace('/', '-') or 'overview'}-{scheme}.png", full_page=True)
        assert errors == []


def test_the_page_fits_a_phone_and_can_be_walked_by_keyboard(running: RunningWorker, shots: Path) -> None:
    with browser() as chromium:
        page, errors = opened(chromium, running.url, PHONE)
        for name in PAGES:
            show(page, name)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide == 0, f"{name} is {wide} px too wide"
            small = page.eval_on_selector_all("svg text", "all => all.map(one => one.getBoundingClientRect().height)")
            assert min(small, default=12) > 9, f"letters of {min(small)} px on {name}"
            page.screenshot(path=shots / f"{name.replace('/', '-') or 'overview'}-phone.png")
        page.goto(running.url)
        page.wait_for_selector("h1")
        seen = []
        for _ in range(8):
            page.keyboard.press("Tab")
            seen.append(page.evaluate("document.activeElement.innerText"))
        assert seen[:6] == ["Skip to the figures", "Overview", "Centers", "Importers", "Lag", "Dead letters"]
        page.keyboard.press("Enter")
        page.wait_for_url("**/#/centers/*")
        assert errors == []


def test_when_the_worker_is_gone_the_page_says_so_and_greys_what_is_old(
    ground: Ground, tmp_path: Path, shots: Path
) -> None:
    with worker(ground.bootstrap_servers, ground.namespace, tmp_path) as second, browser() as chromium:
        page, _errors = opened(chromium, second.url, DESKTOP)
        # While it joins, nobody may have the monitor for a moment.
        wait_until(lambda: page.locator("#banner").inner_text() == "", WAIT_SECONDS)
        second.process.kill()
        page.wait_for_selector("text=The worker can't be reached")

        assert "The worker can't be reached" in page.locator("#banner").inner_text()
        assert page.evaluate("document.body.classList.contains('old')")
        page.screenshot(path=shots / "gone.png")


def test_the_page_and_its_figures_weigh_less_than_200_kilobytes(running: RunningWorker) -> None:
    with browser() as chromium:
        page, _errors = opened(chromium, running.url, DESKTOP)
        weight = page.evaluate(
            "performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))"
            ".reduce((sum, one) => sum + one.transferSize, 0)"
        )

    assert 20_000 < weight < 200_000


def test_beyond_the_token_the_page_asks_for_it_and_takes_only_the_right_one(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    create_topics(bootstrap_servers, namespace)
    with worker(bootstrap_servers, namespace, tmp_path, {"CEE_WEB_TOKEN": "sesame"}) as one, browser() as chromium:
        page, _errors = opened(chromium, one.url, DESKTOP)
        page.get_by_label("Token (CEE_WEB_TOKEN)").fill("wrong")
        page.get_by_role("button", name="Show").click()
        page.wait_for_selector("text=The token is not right")
        page.get_by_label("Token (CEE_WEB_TOKEN)").fill("sesame")
        page.get_by_role("button", name="Show").click()

        page.wait_for_selector(".centers li:nth-child(10)")
