"""The local broker starts, survives a kill with what was written, and ends with whoever started it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams.local.broker import BrokerFailed, LocalBroker, free_port

pytestmark = pytest.mark.broker

STARTED_BY_A_PROCESS = """
import sys, time
from pathlib import Path
from streams.local.broker import LocalBroker
broker = LocalBroker(Path(sys.argv[1]))
broker.start()
print(broker.pid, broker.bootstrap_servers, flush=True)
time.sleep(120)
"""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[LocalBroker]:
    with LocalBroker(tmp_path) as broker:
        yield broker


def is_open(address: str) -> bool:
    host, port = address.split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def wait_until_gone(pid: int, address: str) -> None:
    give_up = time.monotonic() + 15
    while time.monotonic() < give_up:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            if not is_open(address):
                return
        time.sleep(0.05)
    pytest.fail(f"process {pid} or {address} is still there")


async def write(bootstrap_servers: str, value: bytes) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic("kept", 1, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, transactional_id="writer")
    async with producer, producer.transaction():
        await producer.send_and_wait("kept", value)


async def read(bootstrap_servers: str) -> bytes:
    async with AIOKafkaConsumer(
        "kept", bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest", isolation_level="read_committed"
    ) as consumer:
        value: bytes = (await asyncio.wait_for(consumer.getone(), 20)).value
        return value


def test_a_started_broker_takes_topics_and_transactions_at_once(broker: LocalBroker) -> None:
    asyncio.run(write(broker.bootstrap_servers, b"safe"))

    assert asyncio.run(read(broker.bootstrap_servers)) == b"safe"


def test_a_killed_broker_comes_back_at_its_port_with_what_was_written(broker: LocalBroker) -> None:
    address = broker.bootstrap_servers
    asyncio.run(write(address, b"safe"))

    broker.kill()
    assert broker.pid is None
    assert not is_open(address)
    broker.start()

    assert broker.bootstrap_servers == address
    assert asyncio.run(read(address)) == b"safe"


def test_a_stopped_broker_leaves_no_process_and_no_port(tmp_path: Path) -> None:
    with LocalBroker(tmp_path) as broker:
        pid, address = broker.pid, broker.bootstrap_servers
        assert pid is not None

    wait_until_gone(pid, address)
    broker.stop()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_broker_ends_with_the_process_that_started_it(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", STARTED_BY_A_PROCESS, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        pid, address = process.stdout.readline().split()
        assert is_open(address)

        process.send_signal(number)

    wait_until_gone(int(pid), address)


def test_a_broker_in_the_foreground_that_dies_ends_its_command_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "streams.cli", "kafka", "--port", str(free_port()), "--directory", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert any("Kafka answers at" in line for line in running.stderr)
        os.kill(java_in(tmp_path), signal.SIGKILL)
        said = running.stderr.read()

    assert running.returncode == 1
    assert said.startswith("Error: Kafka ended by itself. Its last words:")
    assert "Traceback" not in said


def java_in(directory: Path) -> int:
    """Return the Java process that has a directory among its arguments."""
    asked = ["/bin/ps", "-axww", "-o", "pid=,comm=,args="]
    lines = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
    [pid] = [int(line.split()[0]) for line in lines if line.split()[1].endswith("java") and str(directory) in line]
    return pid


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(BrokerFailed, match=f"^Kafka cannot listen on 127.0.0.1:{port}: .*; choose another port$"):
            LocalBroker(tmp_path, port).start()


def test_a_broker_that_cannot_start_says_its_last_words(tmp_path: Path) -> None:
    broker = LocalBroker(tmp_path, settings={"transaction.state.log.num.partitions": "none"})

    with pytest.raises(BrokerFailed, match=r"(?s)Kafka .*transaction\.state\.log\.num\.partitions"):
        broker.start()

    assert broker.pid is None


def test_a_broker_listens_on_loopback_only(broker: LocalBroker) -> None:
    """All its listeners, the controller's too: the file is what it was started with."""
    settings = dict(
        line.split("=", 1) for line in (broker.log.parent / "server.properties").read_text("utf-8").splitlines()
    )

    assert [listener.split("//")[1].split(":")[0] for listener in settings["listeners"].split(",")] == ["127.0.0.1"] * 2


def test_a_broker_that_was_killed_while_it_started_starts_again(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTED_BY_A_PROCESS, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        while not (tmp_path / "broker.log").exists():
            time.sleep(0.01)
        process.kill()
    while (
        str(tmp_path) in subprocess.run(["/bin/ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    ):
        time.sleep(0.05)

    with LocalBroker(tmp_path) as broker:
        asyncio.run(write(broker.bootstrap_servers, b"safe"))

    assert not (tmp_path / "unclean").exists()
