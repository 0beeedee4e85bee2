"""Where a broker listens besides its own port, and its place among others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# What protects the controllers' own listener, by what protects the clients'.
_CONTROLLER: Final = {"PLAINTEXT": "PLAINTEXT", "SASL_SSL": "SASL_PLAINTEXT"}


@dataclass(frozen=True, slots=True)
class Door:
    """A further listener for clients: a client that came by `name` is sent on to the port `advertised`.

    With a proxy at that port, all that such clients say goes through the proxy, whatever broker they look for.
    """

    name: str
    port: int
    advertised: int


@dataclass(frozen=True, slots=True)
class Seat:
    """A broker's place in a cluster of several; every one of them is controller too.

    `controllers` are the controllers' ports by node id.
    """

    node_id: int
    controllers: Mapping[int, int]
    cluster_id: str

    @property
    def settings(self) -> dict[str, str]:
        """Return what this broker is told of its place."""
        voters = ",".join(f"{node}@127.0.0.1:{port}" for node, port in self.controllers.items())
        return {"node.id": str(self.node_id), "controller.quorum.voters": voters}


def listener_settings(protocol: str, port: int, controller_port: int, doors: Sequence[Door]) -> dict[str, str]:
    """Return the settings of all listeners, each on loopback only; the controller's comes last."""
    names = [(protocol, port, port), *((door.name, door.port, door.advertised) for door in doors)]
    return {
        "listeners": ",".join(
            [*_listed((name, at) for name, at, _ in names), f"CONTROLLER://127.0.0.1:{controller_port}"]
        ),
        "advertised.listeners": ",".join(_listed((name, sent_to) for name, _, sent_to in names)),
        "listener.security.protocol.map": ",".join(
            [*(f"{name}:{protocol}" for name, *_ in names), f"CONTROLLER:{_CONTROLLER[protocol]}"]
        ),
        "inter.broker.listener.name": protocol,
    }


def _listed(names: "Iterator[tuple[str, int]]") -> Iterator[str]:
    return (f"{name}://127.0.0.1:{port}" for name, port in names)
