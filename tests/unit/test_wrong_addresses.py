"""Every command says in one sentence what is wrong with an address, and never looks for such a broker."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.cli import root

COMMANDS = (
    ("work", "electronics"),
    ("placement", "explain", "12-3456789"),
    ("topics", "check"),
    ("topics", "apply"),
    ("worker", "--web-port", "0"),
    ("release", "12-3456789"),
    ("resume", "--partition", "0"),
    ("status",),
    ("lag",),
    ("demo",),
)
SENTENCE = "'kafka:port' is no address of Kafka: write 127.0.0.1:9092, several with commas between"


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_command_names_the_wrong_address(arguments: tuple[str, ...]) -> None:
    by_option = CliRunner().invoke(root, [*arguments, "--bootstrap-servers", "kafka:port"])
    by_environment = CliRunner().invoke(root, arguments, env={"KAFKA_BOOTSTRAP_SERVERS": "kafka:port"})

    for result in (by_option, by_environment):
        assert isinstance(result.exception, SystemExit)
        assert result.exit_code == 1
        assert result.stderr.endswith(f"{SENTENCE}\n")
        assert "Traceback" not in result.stderr


def test_publishing_to_a_wrong_address_ends_as_kafka_out_of_reach(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text("{}\n", "ascii")

    result = CliRunner().invoke(root, ["publish", str(events), "--bootstrap-servers", "kafka:port"])

    assert result.exit_code == 3
    assert SENTENCE in result.stderr
