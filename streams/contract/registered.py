"""The codec of a registry: our schemas' ids looked up once, others' schemas fetched when they are met and kept.

Subjects are the records' full names (Confluent's record-name strategy), so a record has one subject however many
topics carry it.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from streams.contract.codec import Codec
from streams.contract.errors import RegistryError, RegistryUnavailable, SchemaPending
from streams.contract.registry import Registry
from streams.contract.schemas import RecordSchema, record_schemas

log = logging.getLogger(__name__)

UNKNOWN_SECONDS: Final = 60.0
"""So long an id that the registry does not know is not asked for again."""
AT_ONCE: Final = 8
FIRST_PAUSE_SECONDS: Final = 0.25
MOST_PAUSE_SECONDS: Final = 5.0
START_SECONDS: Final = 30.0
SAY_SECONDS: Final = 10.0

Say = Callable[[str], None]


def open_codec(address: str, patience_seconds: float = 0.0) -> Codec:
    """Return the codec for programs that must not wait while they decode; an address of "" means no registry.

    Decoding then raises `SchemaPending` until the registry has answered in the background. A registry that does
    not answer now is waited for as long as `patience_seconds`, and that is logged.

    Raises `RegistryError`, one sentence.
    """
    if not address:
        return _plain()
    registry = Registry(address)
    return Codec(SchemaCache(registry.schema), _patiently(lambda: our_ids(registry), patience_seconds))


def open_waiting_codec(address: str) -> Codec:
    """Return the codec for commands, which may wait while they decode; `RegistryError` may then come from it, too."""
    if not address:
        return _plain()
    registry = Registry(address)
    texts: dict[int, str] = {}

    def schema_by_id(schema_id: int) -> str:
        if schema_id not in texts:
            texts[schema_id] = registry.schema(schema_id)
        return texts[schema_id]

    return Codec(schema_by_id, our_ids(registry))


@cache
def _plain() -> Codec:
    return Codec()


def our_ids(registry: Registry) -> Mapping[RecordSchema, int]:
    """Return the ids of our schemas; older versions may be missing there, the newest ones may not.

    Raises `RegistryError`.
    """
    versions = [version for all_ in record_schemas().values() for version in all_]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        ids = list(threads.map(lambda version: registry.id_of(version.full_name, version.text), versions))
    found = {version: number for version, number in zip(versions, ids, strict=True) if number is not None}
    newest = [all_[-1] for all_ in record_schemas().values()]
    missing = [f"{version.full_name} v{version.version}" for version in newest if version not in found]
    if missing:
        which = missing[0] if len(missing) == 1 else f"{len(missing)} of our schemas ({missing[0]}, ...)"
        message = f"the registry at {registry.address} does not have {which}: register with `cee schemas register`"
        raise RegistryError(message)
    return found


class SchemaCache:
    """Schemas by id, each fetched once, by a thread of its own: whoever asks never waits for the network.

    `fetch` returns a schema's text and raises `KeyError` for an unknown id and `RegistryError`.
    """

    def __init__(self, fetch: Callable[[int], str], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._texts: dict[int, str] = {}
        self._unknown: dict[int, float] = {}
        self._asked: set[int] = set()
        self._trouble = "the registry has not answered yet"

    def __call__(self, schema_id: int) -> str:
        """Return a schema's text. Raises `KeyError` for an unknown id, `SchemaPending` while it is not known."""
        with self._lock:
            text = self._texts.get(schema_id)
            if text is not None:
                return text
            if self._unknown.get(schema_id, -1.0) > self._monotonic():
                raise KeyError(schema_id)
            trouble = self._trouble
            is_asked = schema_id in self._asked
            self._asked.add(schema_id)
        if not is_asked:
            threading.Thread(target=self._ask, args=(schema_id,), name=f"schema-{schema_id}", daemon=True).start()
        message = f"waiting for schema {schema_id}: {trouble}"
        raise SchemaPending(message)

    def _ask(self, schema_id: int) -> None:
        text: str | None = None
        trouble = ""
        is_unknown = False
        try:
            text = self._fetch(schema_id)
        except KeyError:
            is_unknown = True
        except RegistryError as error:
            trouble = str(error)
        except Exception as error:
            log.exception("schema %d could not be fetched", schema_id)
            trouble = f"the registry's answer could not be used ({type(error).__name__})"
        with self._lock:
            self._asked.discard(schema_id)
            self._trouble = trouble or "the registry has not answered yet"
            if text is not None:
                self._texts[schema_id] = text
            elif is_unknown:
                self._unknown = {known: until for known, until in self._unknown.items() if until > self._monotonic()}
                self._unknown[schema_id] = self._monotonic() + UNKNOWN_SECONDS


class Patience:
    """Pauses that grow while something is waited for, and a word about it now and then."""

    def __init__(self, say: Say = log.warning) -> None:
        self._say = say
        self._pause = 0.01
        self._waited = 0.0
        self._said_at = 0.0

    def next(self, what: str) -> float:
        """Return how many seconds to wait before the next try; says what is waited for, once a second is over."""
        if self._waited >= 1.0 and (not self._said_at or self._waited - self._said_at >= SAY_SECONDS):
            self._said_at = self._waited
            self._say(what)
        pause = self._pause
        self._waited += pause
        self._pause = min(2 * pause, MOST_PAUSE_SECONDS)
        return pause


def _patiently(look_up: Callable[[], Mapping[RecordSchema, int]], seconds: float) -> Mapping[RecordSchema, int]:
    """Look up, again and again while the registry cannot be reached, for so many seconds at most."""
    give_up, pause = time.monotonic() + seconds, FIRST_PAUSE_SECONDS
    while True:
        try:
            return look_up()
        except RegistryUnavailable as error:
            if time.monotonic() + pause > give_up:
                raise
            log.warning("%s; trying again for %.0f s more", error, give_up - time.monotonic())
            time.sleep(pause)
            pause = min(2 * pause, MOST_PAUSE_SECONDS)
