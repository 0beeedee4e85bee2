"""How clients log in is read from the environment; a secret is told to nobody."""

from pathlib import Path

import pytest

from streams.contract.security import Security, SecurityError
from streams.settings import Settings, SettingsError

LOGIN = {
    "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
    "KAFKA_SASL_USERNAME": "port-systems",
    "KAFKA_SASL_PASSWORD": "tell-nobody",
}


def test_without_settings_a_client_connects_in_plain_text() -> None:
    assert Security.from_environment({}).client() == {"security_protocol": "PLAINTEXT"}


def test_a_login_becomes_the_arguments_of_the_kafka_client() -> None:
    assert Security.from_environment(LOGIN).client() == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "port-systems",
        "sasl_plain_password": "tell-nobody",
    }


def test_a_password_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from the file \n", "utf-8")

    security = Security.from_environment({**LOGIN, "KAFKA_SASL_PASSWORD_FILE": str(tmp_path / "password")})

    assert security.password == "from the file "


def test_tls_trusts_the_named_authority_alone(tmp_path: Path) -> None:
    with pytest.raises(SecurityError, match=r"^KAFKA_SSL_CAFILE=.*cannot be used: No such file"):
        Security.from_environment({"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CAFILE": str(tmp_path / "ca.pem")})

    context = Security.from_environment({"KAFKA_SECURITY_PROTOCOL": "SSL"}).client()["ssl_context"]
    assert context.check_hostname


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"KAFKA_SECURITY_PROTOCOL": "TLS"}, "KAFKA_SECURITY_PROTOCOL='TLS' is not one of PLAINTEXT, SSL"),
        ({"KAFKA_SASL_MECHANISM": "MD5"}, "KAFKA_SASL_MECHANISM='MD5' is not one of PLAIN"),
        ({"KAFKA_SASL_USERNAME": ""}, "needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD_FILE"),
        ({"KAFKA_SASL_PASSWORD": ""}, "needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD_FILE"),
        ({"KAFKA_SASL_PASSWORD_FILE": "/nowhere"}, "KAFKA_SASL_PASSWORD_FILE=/nowhere cannot be read: No such file"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_that_names_the_variable_and_no_secret(
    changed: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError) as told:
        Settings.from_environment({**LOGIN, **changed})

    assert sentence in str(told.value)
    assert "tell-nobody" not in str(told.value)


def test_a_secret_is_in_no_representation_of_the_settings() -> None:
    assert "tell-nobody" not in repr(Settings.from_environment(LOGIN))
    assert "tell-nobody" not in str(Security.from_environment(LOGIN))
