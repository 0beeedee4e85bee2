"""What a worker refuses to be told, and how it takes what it is told."""

import socket
from pathlib import Path

import pytest

from streams.settings import Settings, SettingsError


def test_what_is_given_wins_over_the_environment_and_that_over_the_default() -> None:
    settings = Settings.from_environment({"CEE_WEB_PORT": "7000", "CEE_NAMESPACE": "east"}, web_port=0, namespace=None)

    assert (settings.web_port, settings.namespace, settings.application) == (0, "east", "cee-placement")


@pytest.mark.parametrize(
    "told",
    [
        {"CEE_WEB_HOST": "192.0.2.1", "CEE_WEB_TOKEN": "secret"},
        {"CEE_WEB_HOST": "192.0.2.1", "CEE_WEB_PORT": "0"},
        {"CEE_WEB_HOST": "::1"},
        {"CEE_WEB_PORT": "65535", "CEE_WEB_URL": "https://worker-1.example.org"},
    ],
)
def test_pages_may_be_seen_with_a_token_or_from_this_machine(told: dict[str, str]) -> None:
    Settings.from_environment(told)


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka:port", "KAFKA_BOOTSTRAP_SERVERS: 'kafka:port' is not an address"),
        ("CEE_BATCH_RECORDS", "0", "CEE_BATCH_RECORDS must be at least 1"),
        ("CEE_BATCH_RECORDS", "many", "CEE_BATCH_RECORDS='many' is not a whole number"),
        ("CEE_GROUP_PATTERN", "(", "CEE_GROUP_PATTERN='\\(' is not a regular expression"),
        ("CEE_LOG_FORMAT", "xml", "CEE_LOG_FORMAT='xml' is not one of text, json"),
        ("CEE_LOG_LEVEL", "loud", "CEE_LOG_LEVEL='loud' is not one of DEBUG, INFO"),
        ("CEE_WEB_PORT", "65536", "CEE_WEB_PORT=65536 is not a port"),
        ("CEE_WEB_URL", "worker-1:6066", "CEE_WEB_URL='worker-1:6066' does not begin with http"),
        ("CEE_APPLICATION", "", "CEE_APPLICATION='' is not a name"),
        ("CEE_WEB_HOST", "192.0.2.1", "would show confidential trade data beyond this machine"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_by_its_name(variable: str, value: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        Settings.from_environment({variable: value})


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("secret\n", "utf-8")

    settings = Settings.from_environment({"CEE_WEB_HOST": "::", "CEE_WEB_TOKEN_FILE": str(file)})

    assert settings.web_token == "secret"
    assert settings.web_url == f"http://{socket.gethostname()}:6066"


@pytest.mark.parametrize(("content", "said"), [(None, "cannot be read: No such file"), (b" \n", "is empty")])
def test_a_file_without_a_secret_is_refused_by_its_variable(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SettingsError, match=f"CEE_WEB_TOKEN_FILE={file} {said}"):
        Settings.from_environment({"CEE_WEB_TOKEN_FILE": str(file)})
