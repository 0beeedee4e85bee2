"""What can go wrong for a Center's consumer: each is one clear sentence."""

from collections.abc import Sequence

from streams.contract.addresses import AddressError, check_addresses


class CenterError(Exception):
    """The base of all errors of this package."""


class UnknownCenter(CenterError):  # noqa: N818 - it names what is wrong
    """There is no Center of that name; the text says which one may have been meant."""


class OutOfReach(CenterError):  # noqa: N818
    """No broker answers at the address, or no registry that has our schemas."""


class MissingTopic(CenterError):  # noqa: N818
    """The Center's topic does not exist: the wrong cluster, namespace, or nothing was set up yet."""


class NotSent(CenterError):  # noqa: N818
    """A decision could not be brought safely into Kafka; it may be sent again with the same event id."""


class InvalidDecision(CenterError):  # noqa: N818
    """A decision that breaks the contract; the text names all its faults, `faults` are they one by one."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


def check_reachable(bootstrap_servers: str) -> None:
    """Raise `OutOfReach` for what is no address at all."""
    try:
        check_addresses(bootstrap_servers)
    except AddressError as error:
        raise OutOfReach(str(error)) from error
