"""Every command says in one sentence what is wrong with an address, and never looks for such a broker."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.cli import root
from streams.settings import Settings, SettingsError

COMMANDS = (
    ("work", "electronics"),
    ("placement", "explain", "12-3456789"),
    ("topics", "check"),
    ("topics", "apply"),
    ("worker", "--web-port", "0"),
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


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka:port", "KAFKA_BOOTSTRAP_SERVERS: 'kafka:port' is no address"),
        ("CEE_BATCH_RECORDS", "0", "CEE_BATCH_RECORDS must be at least 1"),
        ("CEE_BATCH_RECORDS", "many", "CEE_BATCH_RECORDS"),
        ("CEE_GROUP_PATTERN", "(", "CEE_GROUP_PATTERN='\\(' is no regular expression"),
        ("CEE_LOG_FORMAT", "xml", "CEE_LOG_FORMAT"),
        ("CEE_WEB_HOST", "192.0.2.1", "would show confidential trade data beyond this machine"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_by_its_name(variable: str, value: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        Settings.from_environment({variable: value})
