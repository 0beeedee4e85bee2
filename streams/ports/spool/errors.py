"""What can go wrong with a spool; each text is one sentence that says what to do."""

from streams.ports.errors import PublishError


class SpoolError(PublishError):
    """The base of all errors of a spool."""


class SpoolUnusable(SpoolError):  # noqa: N818 - it names what is wrong
    """The folder cannot be written: no permission, a full disk, a damaged file. Nothing acknowledged is lost."""


class SpoolInUse(SpoolError):  # noqa: N818
    """Another process has the spool open."""


class SpoolFull(SpoolError):  # noqa: N818
    """What waits for Kafka has reached the limit: the events just handed in were not kept."""


class SpoolUncertain(SpoolError):  # noqa: N818
    """Nobody knows any more whether the last transaction arrived: a person has to say."""


class NotSent(SpoolError):  # noqa: N818
    """Kafka was reached and did not take the events; they stay in the spool."""
