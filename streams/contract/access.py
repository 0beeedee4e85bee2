"""Who may do what on the cluster: access lists that follow from the topic files, and nothing beyond them."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any, Final, NamedTuple

from aiokafka.errors import for_code

from streams.contract._files import contract_directory
from streams.contract.provision import ClusterError, admin_client
from streams.contract.requests import AddAcls
from streams.contract.topics import ACCOUNTS, Topic, TopicFileError, center_slugs

ALLOW: Final = 3
ANY_HOST: Final = "*"
WORKER: Final = "placement processor"
REPAIR: Final = "operations (repair)"
ALL_CENTERS: Final = "Centers"


class Kind(IntEnum):
    """What a grant is about, by Kafka's own numbers."""

    TOPIC = 2
    GROUP = 3
    CLUSTER = 4
    TRANSACTIONAL_ID = 5


class Operation(IntEnum):
    """What is allowed, by Kafka's own numbers. To read or to write includes to describe."""

    READ = 3
    WRITE = 4
    DESCRIBE = 8
    DESCRIBE_CONFIGS = 10


class Pattern(IntEnum):
    """Whether a name is meant as it is, or as the beginning of names."""

    LITERAL = 3
    PREFIXED = 4


class Grant(NamedTuple):
    """One line of the access lists."""

    account: str
    operation: Operation
    kind: Kind
    name: str
    pattern: Pattern = Pattern.LITERAL

    def __str__(self) -> str:
        """Return the arguments of Kafka's own tool, `kafka-acls.sh --add`."""
        option = f"--{self.kind.name.lower().replace('_', '-')}"
        resource = option if self.kind is Kind.CLUSTER else f"{option} {self.name!r}"
        prefixed = " --resource-pattern-type prefixed" if self.pattern is Pattern.PREFIXED else ""
        operation = "".join(word.title() for word in self.operation.name.split("_"))
        return f"--add --allow-principal User:{self.account} --operation {operation} {resource}{prefixed}"


@dataclass(frozen=True, slots=True)
class _Table:
    accounts: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]
    transactions: Mapping[str, tuple[str, ...]]


def grants(topics: Sequence[Topic], application: str) -> list[Grant]:
    """Return all grants for topics (of one namespace) and an application, each once, in a steady order.

    `application` is the full name of the workers' group. Raises `TopicFileError` for a producer or consumer that
    has no account.
    """
    found: dict[Grant, None] = {}
    readers: set[str] = set()
    for topic in topics:
        for who in topic.producers:
            found.update((Grant(account, Operation.WRITE, Kind.TOPIC, topic.name), None) for account in _of(who, topic))
        for who in topic.consumers:
            for account in _of(who, topic):
                readers.add(account)
                found[Grant(account, Operation.READ, Kind.TOPIC, topic.name)] = None
    for account in sorted(readers):
        for prefix in (account, *_accounts().groups.get(account, ())):
            found[Grant(account, Operation.READ, Kind.GROUP, prefix, Pattern.PREFIXED)] = None
    for account, prefixes in _accounts().transactions.items():
        for prefix in prefixes:
            found[Grant(account, Operation.WRITE, Kind.TRANSACTIONAL_ID, prefix, Pattern.PREFIXED)] = None
    found.update(dict.fromkeys(_of_the_workers(topics, application)))
    found.update(dict.fromkeys(_of_repair(topics, application)))
    return list(found)


def _of_the_workers(topics: Sequence[Topic], application: str) -> Iterator[Grant]:
    """Yield what a worker needs besides its topics: its group, its transactions, and a look at all readers."""
    worker = _accounts().accounts[WORKER]
    yield Grant(worker, Operation.READ, Kind.GROUP, application, Pattern.PREFIXED)
    yield Grant(worker, Operation.WRITE, Kind.TRANSACTIONAL_ID, f"{application}-", Pattern.PREFIXED)
    yield Grant(worker, Operation.DESCRIBE, Kind.GROUP, "*")
    yield Grant(worker, Operation.DESCRIBE, Kind.CLUSTER, "kafka-cluster")
    for topic in topics:
        if WORKER in topic.producers:
            # How old the next record is that a reader has not read: the lag monitor looks at it.
            yield Grant(worker, Operation.READ, Kind.TOPIC, topic.name)
        yield Grant(worker, Operation.DESCRIBE_CONFIGS, Kind.TOPIC, topic.name)


def _of_repair(topics: Sequence[Topic], application: str) -> Iterator[Grant]:
    """Yield what people need who look after it: they may read everything, and write with a transaction of their own."""
    operations = _accounts().accounts[REPAIR]
    yield Grant(operations, Operation.READ, Kind.GROUP, application, Pattern.PREFIXED)
    yield Grant(operations, Operation.DESCRIBE, Kind.GROUP, "*")
    yield Grant(operations, Operation.DESCRIBE, Kind.CLUSTER, "kafka-cluster")
    yield Grant(operations, Operation.WRITE, Kind.TRANSACTIONAL_ID, f"{application}-", Pattern.PREFIXED)
    for topic in topics:
        yield Grant(operations, Operation.READ, Kind.TOPIC, topic.name)
        yield Grant(operations, Operation.DESCRIBE_CONFIGS, Kind.TOPIC, topic.name)


async def apply_grants(
    bootstrap_servers: str, wanted: Iterable[Grant], client: Mapping[str, Any] | None = None
) -> None:
    """Add grants to the cluster; one that is there already changes nothing. Raises `ClusterError`."""
    async with admin_client(bootstrap_servers, client) as admin:
        kafka = admin._client  # noqa: SLF001 - the admin client has no public method for access lists
        answer = await kafka.send(kafka.get_random_node(), AddAcls([_line(grant) for grant in wanted]))
        for code, message in answer.creation_responses:
            if code:
                why = f"the access lists could not be changed: {message or for_code(code).__name__}"
                raise ClusterError(why)


def _line(grant: Grant) -> tuple[int, str, int, str, str, int, int]:
    principal = f"User:{grant.account}"
    return grant.kind, grant.name, grant.pattern, principal, ANY_HOST, grant.operation, ALLOW


def _of(who: str, topic: Topic) -> Iterator[str]:
    """Yield the accounts of somebody who is named in a topic file."""
    if who == ALL_CENTERS:
        yield from (f"center-{slug}" for slug in center_slugs())
        return
    account = _accounts().accounts.get(who)
    if account is None:
        message = f"{topic.family}.toml: {who!r} has no account in {ACCOUNTS}"
        raise TopicFileError(message)
    yield account


@cache
def _accounts() -> _Table:
    """Return the table of accounts, the Centers' line written out for each."""
    declared = tomllib.loads((contract_directory("topics") / ACCOUNTS).read_text("utf-8"))
    accounts, groups = {}, {}
    for slug in ("", *center_slugs()):
        for who, account in declared["accounts"].items():
            if ("{slug}" in who) == bool(slug):
                accounts[who.format(slug=slug)] = account.format(slug=slug)
        for account, prefixes in declared["groups"].items():
            if ("{slug}" in account) == bool(slug):
                groups[account.format(slug=slug)] = tuple(prefix.format(slug=slug) for prefix in prefixes)
    transactions = {account: tuple(prefixes) for account, prefixes in declared["transactions"].items()}
    return _Table(accounts, groups, transactions)
