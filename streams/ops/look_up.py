"""Find the worker that has an importer's partition, and ask it: the group knows each member's address.

A worker's client id carries the address of its pages (`streams.core.client_settings`), so no directory of workers is
needed, and the answer is right also while partitions move.
"""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from itertools import chain
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from streams.contract.codec import Codec
from streams.contract.coordinator import once_there_is_one
from streams.contract.provision import admin_client
from streams.contract.registered import open_waiting_codec
from streams.contract.topics import TopicNames
from streams.customs.importer_number import base_of, importer_number
from streams.engine.api import SourceRecord
from streams.replay.log_reader import read_logs

ADDRESS: Final = re.compile(r"https?://\S+")
ANSWER_SECONDS: Final = 5.0


class NoAnswer(RuntimeError):  # noqa: N818 - it names what happened
    """No worker could be asked; the text is one sentence with what to do."""


class NotKnown(LookupError):  # noqa: N818 - it names what happened
    """The importer is not known, or its number is none; the text is one sentence."""


async def worker_addresses(bootstrap_servers: str, group: str, client: Mapping[str, Any] | None = None) -> list[str]:
    """Return the addresses of the pages of a group's workers, each once, sorted. Raises `ClusterError`."""
    async with admin_client(bootstrap_servers, client) as admin:
        answers = await once_there_is_one(lambda: admin.describe_consumer_groups([group]))
    members = [member for answer in answers for described in answer.groups for member in described[5]]
    clients = [str(part) for member in members for part in member if isinstance(part, str)]
    return sorted({found.group() for client in clients if (found := ADDRESS.search(client))})


async def explanation(addresses: list[str], importer: str, token: str) -> dict[str, Any]:
    """Return what the worker that has the importer says of it.

    Raises `NotKnown` for an importer nobody saw, `NoAnswer` where no worker that has it can be reached.
    """
    reasons = []
    account = ""
    for address in addresses:
        status, body = await asyncio.to_thread(_get, f"{address}/placement/{quote(importer)}", token)
        if status == HTTPStatus.OK:
            return body
        if status in {HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST}:
            raise NotKnown(body.get("error", f"{address} does not know it"))
        reasons.append(body.get("error", f"{address} answers with {status}"))
        account = body.get("account_key", account)
    if account not in {"", importer, base_of(importer)}:  # the number is in an account of another base
        return await explanation(addresses, account, token)
    raise NoAnswer("; ".join(reasons) or "no worker shows its pages")


async def last_published(
    bootstrap_servers: str,
    names: TopicNames,
    importer: str,
    registry: str = "",
    client: Mapping[str, Any] | None = None,
) -> dict[str, Any] | None:
    """Return the placement that was published last, None where there is none: for when no worker can be asked.

    Raises `ClusterError`, `RegistryError` and `InvalidImporterNumber`.
    """
    logs = await read_logs(bootstrap_servers, [names.of("importer-placement")], client)
    codec = await asyncio.to_thread(open_waiting_codec, registry)
    return newest_placement(chain.from_iterable(logs.values()), importer, codec)


def newest_placement(records: Iterable[SourceRecord], importer: str, codec: Codec) -> dict[str, Any] | None:
    """Return the newest placement of the account that has an importer; None where no account has.

    A whole importer number may be in another account than that of its base (P10): the account that lists it among its
    numbers has it, and where none does, that of its base. Raises `InvalidImporterNumber`.
    """
    asked = importer_number(importer)
    is_whole = asked.is_written_whole(importer)
    newest = {record.key: record.value for record in records}
    published = newest.pop(asked.account.encode(), None)
    of_base = codec.decode(published)[1] if published else None
    if not is_whole or (of_base is not None and asked.number in of_base["importer_numbers"]):
        return of_base
    others = (codec.decode(value)[1] for value in newest.values() if value)
    return next((placement for placement in others if asked.number in placement["importer_numbers"]), of_base)


def _get(url: str, token: str) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = Request(url, headers=headers)  # noqa: S310 - the scheme is that of ADDRESS
    try:
        with urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - see above
            return answer.status, json.load(answer)
    except HTTPError as error:
        text = error.read().decode("utf-8", "replace")
        return error.code, json.loads(text) if text.startswith("{") else {"error": text.strip()}
    except (URLError, OSError) as error:
        return 0, {"error": f"{url.split('/placement', 1)[0]} cannot be reached: {getattr(error, 'reason', error)}"}
