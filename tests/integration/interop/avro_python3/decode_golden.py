"""Decode every golden file with avro-python3, the predecessor of `avro`, and print the values as one JSON object.

    python decode_golden.py SCHEMAS

Runs in an environment of its own, which has avro-python3 and not this project: both bring a module `avro`.
"""

import io
import json
import sys
from pathlib import Path

import avro.io
import avro.schema


def main(folder: Path) -> None:
    """Read each file with the version that it is named after."""
    found = {}
    for path in sorted(folder.glob("*/golden/*.bin")):
        version = path.stem.partition("-")[0]
        schema = avro.schema.parse((path.parents[1] / f"{version}.avsc").read_text("utf-8"))
        data = io.BytesIO(path.read_bytes()[10:])
        value = avro.io.DatumReader(schema).read(avro.io.BinaryDecoder(data))
        assert not data.read(), f"{path}: bytes are left"
        found[f"{path.parents[1].name}/{path.stem}"] = value
    json.dump(found, sys.stdout, default=str)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
