"""Kafka's jars are exactly the pinned ones, and what is wrong with them is one sentence."""

import hashlib
import re
from pathlib import Path

import pytest

from streams.local import java
from streams.local.java import JavaUnavailable, cache_directory, kafka_classpath, pinned_jars


@pytest.fixture(autouse=True)
def _usual_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever version the tests with a broker are told to use."""
    monkeypatch.delenv(java.VERSION_VARIABLE, raising=False)


def fill_cache(cache: Path, content: bytes) -> Path:
    """Lay a whole set of jars into a cache, all with the same content."""
    folder = cache / "cee-streams" / f"kafka-{java.edition(pinned_jars())}"
    folder.mkdir(parents=True)
    for pin in pinned_jars():
        (folder / pin.name).write_bytes(content)
    return folder


@pytest.mark.parametrize("version", java.VERSIONS)
def test_every_pin_has_a_digest_and_a_version_and_no_jar_is_there_twice(version: str) -> None:
    pins = pinned_jars(version)

    assert all(re.fullmatch(r"[0-9a-f]{64}", pin.digest) for pin in pins)
    assert len({pin.name for pin in pins}) == len(pins)
    assert {pin.version for pin in pins if pin.group == "org.apache.kafka"} == {version}


def test_jars_in_the_cache_are_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"a jar"
    pin = java.Pin(hashlib.sha256(content).hexdigest(), "org.example", "only", "1")
    monkeypatch.setattr(java, "pinned_jars", lambda _version: [pin])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "cee-streams" / f"kafka-{java.edition([pin])}"
    folder.mkdir(parents=True)
    (folder / pin.name).write_bytes(content)

    said: list[str] = []

    assert kafka_classpath(said.append) == str(folder / "*")
    assert said == []


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate in chain"), "set REQUESTS_CA_BUNDLE"),
        (OSError("Name or service not known"), "is the network there?"),
    ],
)
def test_what_keeps_a_download_out_is_said_with_what_to_do(error: OSError, says: str) -> None:
    assert says in str(java.not_downloaded("kafka_2.13.jar", error))


def test_a_jar_that_is_not_the_pinned_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = fill_cache(tmp_path, b"something else")

    with pytest.raises(JavaUnavailable, match="is not the pinned jar") as refused:
        kafka_classpath()

    assert str(folder) in str(refused.value)


def test_a_half_filled_cache_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "cee-streams" / f"kafka-{java.edition(pinned_jars())}").mkdir(parents=True)

    with pytest.raises(JavaUnavailable, match="delete the folder"):
        kafka_classpath()


def test_an_interrupted_download_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(java, "fetch", interrupted)

    with pytest.raises(KeyboardInterrupt):
        kafka_classpath()

    assert [path.name for path in (tmp_path / "cee-streams").iterdir()] == ["kafka-jars.lock"]


def test_without_a_place_to_write_the_way_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    with pytest.raises(JavaUnavailable, match="set XDG_CACHE_HOME"):
        cache_directory()


def test_progress_is_told_every_few_megabytes() -> None:
    said: list[str] = []
    progress = java.Progress(said.append)

    with progress.of_file("a.jar", 0) as add:
        for _ in range(12):
            add(1 << 20)

    assert said == ["  5 of about 45 MB", "  10 of about 45 MB"]


def test_the_environment_chooses_among_the_pinned_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    assert java.chosen_version() == java.KAFKA

    monkeypatch.setenv(java.VERSION_VARIABLE, java.SOUND_KAFKA)
    assert java.chosen_version() == java.SOUND_KAFKA

    monkeypatch.setenv(java.VERSION_VARIABLE, "9.9")
    with pytest.raises(JavaUnavailable, match=r"no local Kafka 9\.9: CEE_LOCAL_KAFKA is 4\.3\.1 or 4\.2\.2"):
        java.chosen_version()
