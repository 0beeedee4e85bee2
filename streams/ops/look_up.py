"""Find the worker that has an importer's partition, and ask it: the group knows each member's address.

A worker's client id carries the address of its pages (`streams.core.client_settings`), so no directory of workers is
needed, and the answer is right also while partitions move.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from streams.contract.coordinator import once_there_is_one
from streams.contract.keys import account_key, partition_for
from streams.contract.provision import admin_client
from streams.contract.registered import open_waiting_codec
from streams.contract.topics import TopicNames
from streams.customs.importer_number import base_of
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

    Raises `RegistryError`.
    """
    topic = names.of("importer-placement")
    key = account_key(importer).encode()
    logs = await read_logs(bootstrap_servers, [topic], client)
    partition = partition_for(key, len(logs))
    newest = [record.value for record in logs.get((topic, partition), []) if record.key == key and record.value]
    if not newest:
        return None
    codec = await asyncio.to_thread(open_waiting_codec, registry)
    return codec.decode(newest[-1])[1]


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
