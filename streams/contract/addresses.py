"""Addresses of a Kafka cluster, as people write them: `host:port`, several with a comma between."""

import re
from typing import Final

ADDRESS: Final = re.compile(r"(?:\[[0-9A-Fa-f:.%]+\]|[^\s\[\]:,]+)(?::(?P<port>[0-9]{1,5}))?")
LAST_PORT: Final = 65535


class AddressError(ValueError):
    """No address of a cluster; the text is one sentence that says how one looks."""


def check_addresses(bootstrap_servers: str) -> None:
    """Raise `AddressError` where the Kafka client would trip over the text instead of looking for a broker."""
    for address in bootstrap_servers.split(","):
        found = ADDRESS.fullmatch(address.strip())
        if found is None or not 0 < int(found["port"] or LAST_PORT) <= LAST_PORT:
            message = (
                f"{bootstrap_servers!r} is not an address of Kafka: write 127.0.0.1:9092, several with commas between"
            )
            raise AddressError(message)
