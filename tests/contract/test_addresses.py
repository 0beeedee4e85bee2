"""What counts as the address of a cluster."""

import pytest

from streams.contract.addresses import AddressError, check_addresses


@pytest.mark.parametrize(
    "address", ["127.0.0.1:9092", "kafka", "kafka-1.example.org:1, kafka-2.example.org:65535", "[::1]:9092", "[::1]"]
)
def test_hosts_with_and_without_port_are_addresses(address: str) -> None:
    check_addresses(address)


@pytest.mark.parametrize(
    "address",
    ["", ",", "kafka:", "kafka:port", "kafka:0", "kafka:65536", "[::1", "[::1]9092", "a b:9092", "kafka:9092,"],
)
def test_what_is_no_address_is_refused_with_one_that_is(address: str) -> None:
    with pytest.raises(AddressError, match=r"is not an address of Kafka: write 127\.0\.0\.1:9092"):
        check_addresses(address)
