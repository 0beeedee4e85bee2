"""Who may see the pages: whoever has the token; without one, only who speaks to this machine by its own name."""

import hmac
from collections.abc import Mapping
from typing import Final

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Guard:
    """Decides about a request; `token` is empty where the pages are on loopback only."""

    def __init__(self, token: str) -> None:
        self._token = token

    def refusal(self, headers: Mapping[str, str]) -> str:
        """Return why a request is refused, empty where it is not.

        Without a token the host that a browser was told must be this machine's: else a foreign site could give its
        own name our address, and read along (DNS rebinding).
        """
        if self._token:
            given = headers.get("Authorization", "").encode()
            is_known = hmac.compare_digest(given, f"Bearer {self._token}".encode())
            return "" if is_known else "this page needs the token of CEE_WEB_TOKEN as a bearer token"
        host = headers.get("Host", "").lower()
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        return (
            ""
            if name in LOOPBACK_NAMES
            else f"without a token, these pages answer on this machine alone, not as {name}"
        )
