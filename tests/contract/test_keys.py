"""Keys and partitions are those of every other client that uses Java's default partitioner."""

import json
from typing import Any

import pytest
from aiokafka.partitioner import murmur2 as aiokafkas_murmur2
from hypothesis import given
from hypothesis import strategies as st

from streams.contract._files import contract_directory
from streams.contract.keys import account_key, inquiry_key, murmur2, partition_for

GOLDEN = json.loads((contract_directory("schemas") / "golden-keys.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("data", "hash_"),
    [
        # Apache Kafka, clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java; signed there.
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_the_hash_is_javas(data: bytes, hash_: int) -> None:
    assert murmur2(data) == hash_ % 2**32


@given(st.binary(max_size=64))
def test_the_hash_is_aiokafkas(data: bytes) -> None:
    assert murmur2(data) == aiokafkas_murmur2(data)


@pytest.mark.parametrize("row", GOLDEN["importers"], ids=lambda row: row["importer_number"])
def test_importers_have_the_keys_and_partitions_of_the_golden_table(row: dict[str, Any]) -> None:
    key = account_key(row["importer_number"])

    assert key == row["key"]
    assert murmur2(key.encode()) == row["murmur2"]
    assert partition_for(key.encode(), 12) == row["partition_of_12"]


@pytest.mark.parametrize("row", GOLDEN["others"], ids=lambda row: row["key"])
def test_other_keys_have_the_partitions_of_the_golden_table(row: dict[str, Any]) -> None:
    assert murmur2(row["key"].encode()) == row["murmur2"]
    assert partition_for(row["key"].encode(), 12) == row["partition_of_12"]


def test_all_suffixes_of_a_firm_are_one_account() -> None:
    assert account_key("12-345678900") == account_key("12-3456789ZZ") == "12-3456789"


@pytest.mark.parametrize("number", ["000-12-3456", "202704-12345"])
def test_numbers_that_are_no_firms_are_accounts_of_their_own(number: str) -> None:
    assert account_key(number) == number


def test_an_inquiry_of_nobody_known_has_a_key_of_its_own() -> None:
    assert inquiry_key("Q000000815") == "inquiry:Q000000815"
