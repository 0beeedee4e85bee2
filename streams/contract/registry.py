"""A schema registry with Confluent's interface, asked over HTTP: one request, one answer, nothing remembered.

Apicurio has this interface below `/apis/ccompat/v7`. Calls wait for the network: an event loop has them made in a
thread, or goes through `registered`.
"""

import base64
import json
import ssl
from http import HTTPStatus
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from streams.contract.errors import RegistryError, RegistryUnavailable

ANSWER_SECONDS: Final = 5.0
UNKNOWN_SCHEMA: Final = 40403
UNKNOWN_SUBJECT: Final = 40401
INCOMPATIBLE: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY})
MOST_BYTES: Final = 8 * 1024 * 1024
"""A longer answer is none of a schema registry."""

_MEDIA: Final = "application/vnd.schemaregistry.v1+json"


class _NoAnswer(RegistryError):  # noqa: N818 - it never leaves this module
    """The registry knows what was asked for, and says that it is not there: `code` says what."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class _NoRedirects(HTTPRedirectHandler):
    """Follows none: credentials must not go where a redirect points."""

    def redirect_request(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - the library's own signature is longer
        return None


class Registry:
    """A schema registry at an address, which may hold user and password: `https://user:password@host/path`.

    Every method raises `RegistryUnavailable` where trying again later may help, and `RegistryError` where not.
    """

    def __init__(self, address: str, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Take an address apart. Raises `RegistryError` for what is none."""
        parts = urlsplit(address.rstrip("/"))
        try:
            where = parts.hostname and f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
        except ValueError:
            where = None
        if parts.scheme not in {"http", "https"} or not where:
            message = "the registry's address is no URL: write it as http://host:8080/apis/ccompat/v7"
            raise RegistryError(message)
        self.address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
        self._headers = {"Accept": _MEDIA, "Content-Type": _MEDIA}
        if parts.username is not None:
            secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = f"Basic {base64.b64encode(secret.encode()).decode()}"
        self._answer_seconds = answer_seconds
        self._opener = build_opener(_NoRedirects)

    def schema(self, schema_id: int) -> str:
        """Return the text of a schema. Raises `KeyError` where the registry knows that it has none of this id."""
        try:
            answer = self._ask("GET", f"/schemas/ids/{schema_id}")
        except _NoAnswer as error:
            if error.code == UNKNOWN_SCHEMA:
                raise KeyError(schema_id) from None
            raise
        return str(answer["schema"])

    def id_of(self, subject: str, schema: str) -> int | None:
        """Return the id under which a subject has a schema, None where it does not have it."""
        try:
            return int(self._ask("POST", f"/subjects/{quote(subject)}", {"schema": schema})["id"])
        except _NoAnswer as error:
            if error.code in {UNKNOWN_SUBJECT, UNKNOWN_SCHEMA}:
                return None
            raise

    def register(self, subject: str, schema: str) -> int:
        """Add a schema to a subject, unless it is there, and return its id."""
        return int(self._ask("POST", f"/subjects/{quote(subject)}/versions", {"schema": schema})["id"])

    def versions(self, subject: str) -> tuple[int, ...]:
        """Return the numbers of a subject's versions, none where there is no such subject."""
        try:
            return tuple(int(number) for number in self._ask("GET", f"/subjects/{quote(subject)}/versions"))
        except _NoAnswer as error:
            if error.code == UNKNOWN_SUBJECT:
                return ()
            raise

    def compatibility(self, subject: str) -> str | None:
        """Return the compatibility that a subject was given, None where it has none of its own."""
        try:
            return str(self._ask("GET", f"/config/{quote(subject)}")["compatibilityLevel"])
        except _NoAnswer:
            return None

    def set_compatibility(self, subject: str, level: str) -> None:
        """Give a subject its compatibility; it need not be there yet."""
        self._ask("PUT", f"/config/{quote(subject)}", {"compatibility": level})

    def _ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - any JSON
        """Return the answer as parsed JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.address + path, data, self._headers, method=method)  # noqa: S310 - the scheme was checked
        try:
            with self._opener.open(request, timeout=self._answer_seconds) as answer:
                return json.loads(answer.read(MOST_BYTES))
        except HTTPError as error:
            with error:
                raise self._refusal(error) from error
        except (URLError, OSError) as error:
            raise self._out_of_reach(getattr(error, "reason", error)) from error
        except ValueError as error:
            raise self._no_registry() from error

    def _refusal(self, error: HTTPError) -> RegistryError:
        """Return what an answer that is an error means."""
        if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR or error.code == HTTPStatus.TOO_MANY_REQUESTS:
            return RegistryUnavailable(f"the registry at {self.address} answers with {error.code}: look at its log")
        if error.code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            what = "refuses these credentials: check user and password in SCHEMA_REGISTRY_URL"
            return RegistryError(f"the registry at {self.address} {what}")
        try:
            told = json.loads(error.read(MOST_BYTES))
            code, message = int(told["error_code"]), str(told["message"])
        except (ValueError, KeyError, TypeError, OSError):
            return self._no_registry()
        if error.code in INCOMPATIBLE:
            return RegistryError(f"the registry at {self.address} refuses it: {message}")
        return _NoAnswer(code, f"the registry at {self.address} answers: {message}")

    def _out_of_reach(self, reason: object) -> RegistryError:
        if isinstance(reason, ssl.SSLCertVerificationError):
            why = f"its certificate is not accepted ({reason.verify_message})"
            return RegistryError(f"the registry at {self.address} cannot be trusted: {why}")
        why = "it does not answer in time" if isinstance(reason, TimeoutError) else str(reason)
        return RegistryUnavailable(
            f"the registry at {self.address} cannot be reached ({why}): check address and network"
        )

    def _no_registry(self) -> RegistryError:
        what = "has no registry with Confluent's interface; Apicurio's is below /apis/ccompat/v7"
        return RegistryError(f"{self.address} {what}")
