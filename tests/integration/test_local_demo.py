"""The demo comes to its end with nothing missing, and leaves nothing behind when it is interrupted."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from streams.contract.provision import admin_client, apply_topics
from streams.contract.topics import load_topics, scaled

PATIENCE_SECONDS = 240.0
DEMO = [sys.executable, "-m", "streams.cli", "demo", "--scale", "1/50000", "--partitions", "2"]


def processes_about(directory: Path) -> list[str]:
    """Return the command lines that name a directory."""
    listed = subprocess.run(["/bin/ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(directory) in line]


async def beside_another_worker(servers: str, namespace: str, command: list[str]) -> tuple[int | None, str, str]:
    """Run a command while somebody is in the group of the workers; return its exit code and what it said."""
    topic = f"{namespace}-entry-summary-event"
    await apply_topics(servers, [one for one in scaled(load_topics(), namespace=namespace) if one.name == topic])
    async with AIOKafkaConsumer(topic, bootstrap_servers=servers, group_id=f"{namespace}-cee-placement"):
        demo = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, said = await asyncio.wait_for(demo.communicate(), PATIENCE_SECONDS)
    return demo.returncode, out.decode(), said.decode()


def test_the_demo_processes_all_that_it_published_and_leaves_other_workers_and_their_topics_alone(
    bootstrap_servers: str, namespace: str
) -> None:
    command = [*DEMO, "--json", "--bootstrap-servers", bootstrap_servers, "--namespace", namespace]

    code, out, said = asyncio.run(beside_another_worker(bootstrap_servers, namespace, command))

    assert code == 0, said
    assert f"a worker runs on this Kafka already (group {namespace}-cee-placement)" in " ".join(said.split())
    left = asyncio.run(topics_of(bootstrap_servers, namespace))
    assert left == {f"{namespace}-entry-summary-event"}
    told: dict[str, Any] = json.loads(out)
    assert told["lag"] == 0
    assert told["published"]["events"] > 4_000
    assert told["published"]["abi_batch"] == {"read": 12, "published": 10, "refused": 2}
    assert told["importers_placed"] > 30
    assert told["placement_changes"] > 0
    assert sum(center["work_items"] for center in told["centers"].values()) > 700
    assert sum(center["importers_placed"] for center in told["centers"].values()) == told["importers_placed"]
    protest = told["protest"]
    assert (protest["ports"], protest["entries"], protest["cases"], protest["responses"]) == (10, 10, 1, 1)
    assert (protest["entry_results"], protest["results_at_ports"]) == (10, 10)
    assert protest["outputs"] > 40
    assert protest["outputs_of_the_repeat"] == 0


async def topics_of(servers: str, namespace: str) -> set[str]:
    async with admin_client(servers) as admin:
        return {name for name in await admin.list_topics() if name.startswith(namespace)}


@pytest.mark.parametrize("after_seconds", [0.5, 2.5, 6.0])
def test_an_interrupted_demo_leaves_no_process_and_no_file(tmp_path: Path, after_seconds: float) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    environment.pop("KAFKA_BOOTSTRAP_SERVERS", None)
    with subprocess.Popen([*DEMO, "--keep"], env=environment, stderr=subprocess.DEVNULL) as demo:
        time.sleep(after_seconds)  # the moment is the case: in the imports, in Kafka's start, in the load

        demo.send_signal(signal.SIGINT)

        # Before the command itself begins, Python ends by the signal; a shell tells both as 130.
        assert demo.wait(30) in {130, -signal.SIGINT}
    assert processes_about(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_demo_that_is_interrupted_twice_ends_without_a_trace(tmp_path: Path) -> None:
    said, scratch = tmp_path / "said", tmp_path / "scratch"
    scratch.mkdir()
    environment = {**os.environ, "TMPDIR": str(scratch)}
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "CEE_DEBUG"):
        environment.pop(name, None)
    with said.open("w") as stderr, subprocess.Popen(DEMO, env=environment, stderr=stderr) as demo:
        while "published," not in said.read_text("utf-8"):
            assert demo.poll() is None
            time.sleep(0.05)

        demo.send_signal(signal.SIGINT)
        time.sleep(0.05)
        demo.send_signal(signal.SIGINT)

        assert demo.wait(60) == 130
    assert not re.search(r"Traceback|destroyed|ignored|never", said.read_text("utf-8"))
    assert processes_about(scratch) == []
    assert list(scratch.iterdir()) == []


def test_a_demo_in_the_background_of_a_script_ends_in_good_order_on_sigterm(tmp_path: Path) -> None:
    """A shell without job control starts what it puts in the background with Ctrl-C ignored."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    environment.pop("KAFKA_BOOTSTRAP_SERVERS", None)
    script = ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", *DEMO, "--keep"]
    with subprocess.Popen(script, env=environment, stderr=subprocess.DEVNULL) as demo:
        while not list(tmp_path.glob("*/kafka/broker.log")):
            assert demo.poll() is None
            time.sleep(0.05)

        demo.send_signal(signal.SIGINT)
        demo.send_signal(signal.SIGTERM)

        assert demo.wait(30) == 128 + signal.SIGTERM
    assert processes_about(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
