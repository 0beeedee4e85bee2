"""The manifests by kustomize, and each resource by kubeconform against the API's schemas; nothing runs on a cluster."""

import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from streams.contract.topics import load_topics
from streams.local.java import cache_directory
from streams.settings import SECRETS, VARIABLES

MANIFESTS: Final = Path(__file__).parents[2] / "deploy" / "kubernetes"
STRIMZI: Final = Path(__file__).parent / "strimzi"
API: Final = "v1.37.0-local-strict"
SHARED: Final = "/api/_definitions.json#/$defs/"
TOOLS: Final = {
    "kubeconform": "github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0",
    "kustomize": "sigs.k8s.io/kustomize/kustomize/v5@v5.7.1",
}


def tool(name: str) -> str:
    """Return the path of a tool: that of the machine, else one built by Go, once."""
    found = shutil.which(name)
    if found:
        return found
    go = shutil.which("go")
    if go is None:
        pytest.skip(f"neither {name} nor Go is here: the manifests are not checked by it")
    module = TOOLS[name]
    folder = cache_directory() / "tools" / module.rpartition("@")[2]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / name).exists():
            environment = {
                "GOBIN": str(folder),
                "GOFLAGS": "-trimpath",
                "PATH": str(Path(go).parent),
                "HOME": str(Path.home()),
            }
            done = subprocess.run([go, "install", module], env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"{name} could not be built: {done.stderr.strip().splitlines()[-1]}")
    return str(folder / name)


@pytest.fixture(scope="module")
def built() -> str:
    """Give everything that the kustomization comes to."""
    done = subprocess.run([tool("kustomize"), "build", str(MANIFESTS)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def resources() -> list[dict[str, Any]]:
    """Give all resources as the kustomization names them; needs no tool."""
    listed = yaml.safe_load((MANIFESTS / "kustomization.yaml").read_text("utf-8"))["resources"]
    assert {path.name for path in MANIFESTS.glob("*.yaml")} == {*listed, "kustomization.yaml"}
    return [part for name in listed for part in yaml.safe_load_all((MANIFESTS / name).read_text("utf-8"))]


def standalone(folder: Path, text: str) -> Path:
    """Lay the schemas of the kinds that are used into a folder, each complete in itself."""
    schemas = files("kubernetes_validate").joinpath("kubernetes-json-schema", API)
    shared = json.loads(schemas.joinpath("_definitions.json").read_text("utf-8").replace(SHARED, "#/$defs/"))["$defs"]
    for name in {schema_name(resource) for resource in yaml.safe_load_all(text)}:
        if (STRIMZI / name).exists():
            shutil.copy(STRIMZI / name, folder)
        else:
            schema = json.loads(schemas.joinpath(name).read_text("utf-8").replace(SHARED, "#/$defs/"))
            schema.pop("$id", None)
            (folder / name).write_text(json.dumps({**schema, "$defs": shared}), "utf-8")
    return folder


def schema_name(resource: dict[str, Any]) -> str:
    """Name a schema's file as kubeconform does: kind, the first word of the group, version."""
    group, _, version = resource["apiVersion"].rpartition("/")
    parts = [resource["kind"].lower(), *([group.split(".")[0]] if group else []), version]
    return "-".join(parts) + ".json"


def conform(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    location = f"{standalone(folder, text)}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    command = [tool("kubeconform"), "-strict", "-summary", "-schema-location", location, "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_every_resource_is_one_of_the_api(built: str, tmp_path: Path) -> None:
    done = conform(built, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    count = len(list(yaml.safe_load_all(built)))
    assert f"Valid: {count}, Invalid: 0, Errors: 0, Skipped: 0" in done.stdout
    assert count > len(load_topics())


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("readinessProbe:", "readynessProbe:"),
        ("maxUnavailable: 1", "maxUnavailable: [1]"),
        ("policyTypes:", "policyKinds:"),
        ("replicas: 3\n  config", "replicas: none\n  config"),
        ("- Read\n", "- Reed\n"),
    ],
)
def test_the_check_sees_a_word_or_a_value_that_the_api_does_not_have(
    built: str, tmp_path: Path, right: str, wrong: str
) -> None:
    text = in_one_order(built)
    assert right in text

    done = conform(text.replace(right, wrong, 1), tmp_path)

    assert done.returncode == 1
    assert "Invalid: 1" in done.stdout, done.stdout


def in_one_order(text: str) -> str:
    """Write resources anew as they were in the files: kustomize sorts their fields by name."""
    order = {"partitions": 0, "replicas": 1, "config": 2}

    def sorted_(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: sorted_(part[key]) for key in sorted(part, key=lambda key: (order.get(key, 3), key))}
        return [sorted_(item) for item in part] if isinstance(part, list) else part

    written: str = yaml.safe_dump_all([sorted_(one) for one in yaml.safe_load_all(text)], sort_keys=False)
    return written


def variables(resources: list[dict[str, Any]]) -> Iterator[str]:
    for resource in resources:
        if resource["kind"] == "ConfigMap":
            yield from resource["data"]
        elif resource["kind"] == "StatefulSet":
            for container in resource["spec"]["template"]["spec"]["containers"]:
                yield from (one["name"] for one in container["env"])


def test_every_variable_that_is_set_is_one_that_a_worker_reads(resources: list[dict[str, Any]]) -> None:
    read = {*VARIABLES.values(), *(f"{name}_FILE" for name in SECRETS)}
    secured = (Path(__file__).parents[2] / "streams" / "contract" / "security.py").read_text("utf-8")

    unknown = [
        name for name in variables(resources)
        if name not in read | {"POD_IP"} and f'"{name.removesuffix("_FILE")}"' not in secured
    ]  # fmt: skip

    assert unknown == []


def test_the_worker_is_one_of_the_accounts_and_there_are_not_more_workers_than_partitions(
    resources: list[dict[str, Any]],
) -> None:
    by_kind = {resource["kind"]: resource for resource in resources}
    accounts = {resource["metadata"]["name"] for resource in resources if resource["kind"] == "KafkaUser"}

    assert by_kind["ConfigMap"]["data"]["KAFKA_SASL_USERNAME"] in accounts
    assert by_kind["StatefulSet"]["spec"]["replicas"] <= min(topic.partitions for topic in load_topics())
