"""Strimzi's own definitions of its resources as schemas for kubeconform: `python -m tests.integration.strimzi_schemas`.

Strimzi publishes them as Java classes (`io.strimzi:api`) with a generator; this runs it and writes what it says into
`strimzi/`, for the kinds that we use. Fetches some 40 MB from Maven Central, so the tests use what was written.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

import jgo
import yaml

from streams.local.java import java_executable

FOLDER: Final = Path(__file__).parent / "strimzi"
VERSION: Final = "1.2.0"
API: Final = "v1"
KINDS: Final = {"KafkaTopic": "topic", "KafkaUser": "user"}
# What Kubernetes itself asks of every resource: a name as in RFC 1123.
METADATA: Final = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", "maxLength": 253}},
}


def definitions(kinds: dict[str, str], folder: Path) -> dict[str, dict[str, Any]]:
    """Return the custom resource definitions of kinds (with the Java package that each is in), by kind."""
    artifacts = "+".join(f"io.strimzi:{name}:{VERSION}" for name in ("crd-generator", "api"))
    path = os.pathsep.join(map(str, jgo.build(artifacts, cache_dir=folder / "cache").all_jars))
    wanted = [f"io.strimzi.api.kafka.model.{package}.{kind}={folder / kind}" for kind, package in kinds.items()]
    command = [str(java_executable()), "-cp", path, "io.strimzi.crdgenerator.CrdGenerator", "--yaml"]
    subprocess.run([*command, "--target-kube", "1.30+", *wanted], check=True)
    return {kind: yaml.safe_load((folder / kind).read_text("utf-8")) for kind in kinds}


def schema_of(definition: dict[str, Any]) -> dict[str, Any]:
    """Return a definition as a strict JSON schema: its fields and no others, without its prose and its status."""
    spec = definition["spec"]
    [version] = [one for one in spec["versions"] if one["name"] == API]
    schema: dict[str, Any] = strict(version["schema"]["openAPIV3Schema"])
    schema["properties"].pop("status", None)
    schema["properties"] |= {
        "apiVersion": {"const": f"{spec['group']}/{API}"},
        "kind": {"const": spec["names"]["kind"]},
        "metadata": METADATA,
    }
    schema["required"] = ["apiVersion", "kind", "metadata", *schema["required"]]
    source = f"of Strimzi {VERSION} (io.strimzi:api, Apache License 2.0), by its own generator"
    return {"$comment": f"The custom resource definition {source}; see strimzi_schemas.py.", **schema}


def strict(part: Any) -> Any:
    """Allow no fields beyond those that are named, as `kubectl` does by default."""
    if isinstance(part, list):
        return [strict(one) for one in part]
    if not isinstance(part, dict):
        return part
    kept = {
        name: {field: strict(one) for field, one in value.items()} if name == "properties" else strict(value)
        for name, value in part.items()
        if name != "description" and not name.startswith("x-kubernetes-")
    }
    if part.get("type") == "object" and "properties" in part:
        kept["additionalProperties"] = False
    return kept


def main() -> None:
    """Write the schemas anew."""
    with tempfile.TemporaryDirectory() as scratch:
        for kind, definition in definitions(KINDS, Path(scratch)).items():
            group, text = definition["spec"]["group"].split(".")[0], json.dumps(schema_of(definition), indent=2)
            (FOLDER / f"{kind.lower()}-{group}-{API}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
