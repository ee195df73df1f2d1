"""What can go wrong, sorted by what must happen next.

Failure
├── Rejected            known not done, and this record is the cause: it is held
├── Busy                known not done, the same may work in the next run: it is held
├── AlreadyExists       known not done: the target system itself refused a double; it is looked up and adopted
├── InDoubt             sent, no usable answer: perhaps done; it is looked up before anything else happens
├── Aborted             a record can't be loaded and nobody could keep it (no held protocol): exit 1
└── Outage              no record is to blame: the run stops, what is in flight is finished, exit 3
    ├── NotSent         nothing left this machine, and repeating it did not help: exit 3
    └── ConfigurationError   a person must change something: exit 2
        ├── Beyond      a run would do more than its limits allow: nothing is written until a person approves
        ├── StoreError  the store can't be read or written: no write without a durable intent
        └── BadInput    the plugin in front of us sent something that isn't Singer

Ports raise the first five (and Outage); everything else is raised by this package. An exception outside this tree is
taken for a defect: exit 4.
"""

from __future__ import annotations


class Failure(Exception):  # noqa: N818 - the name of a kind, like those below
    """Base of all; never raised itself.

    Attributes:
        exit_code: Exit code of the plugin if nobody handles it.
        text: For a person, one line, without personal data.
    """

    exit_code = 4

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text


class Rejected(Failure):
    """Known not done, because of this record. The kernel withdraws the intent and holds the record.

    Args:
        reason: Reason code, such as ``unknown_item``: lower case, stable, never the other system's own text.
        subject: A non-personal detail (item code, mapping key, number), or "".
        text: The other system's words and log reference, for the debug log; never stored.
    """

    exit_code = 1

    def __init__(self, reason: str, subject: str = "", text: str = "") -> None:
        super().__init__(text or f"{reason} {subject}".strip())
        self.reason = reason
        self.subject = subject


class Busy(Failure):
    """Known not done, and likely to work in the next run (a lock). The record is held until then.

    Args:
        text: What happened, for the log.
        reason: Reason code for the held list.
        subject: A non-personal detail, or "".
    """

    exit_code = 3

    def __init__(self, text: str = "", reason: str = "busy", subject: str = "") -> None:
        super().__init__(text or reason)
        self.reason = reason
        self.subject = subject


class AlreadyExists(Failure):
    """Known not done: the target system refused to make a double of a key that it already has."""

    exit_code = 3


class InDoubt(Failure):
    """The write was sent and no usable answer came: it may be done, or may be done later."""

    exit_code = 3


class Aborted(Failure):
    """A record can't be loaded, and nobody would remember it: the tap doesn't speak the held protocol.

    Args:
        text: One line for the operator.
        exit_code: 1 (the record) unless the cause is another.
    """

    exit_code = 1

    def __init__(self, text: str, exit_code: int | None = None) -> None:
        super().__init__(text)
        if exit_code is not None:
            self.exit_code = exit_code


class Outage(Failure):
    """No single record is to blame: the run stops where it is.

    Args:
        text: One line for the operator: what happened and what to do next.
        exit_code: 3 (the other side is unavailable) unless told.
    """

    exit_code = 3

    def __init__(self, text: str, exit_code: int | None = None) -> None:
        super().__init__(text)
        if exit_code is not None:
            self.exit_code = exit_code


class NotSent(Outage):
    """Nothing left this machine (name not found, connection refused, TLS), and repeating did not help."""


class ConfigurationError(Outage):
    """A person must change a setting, a right or a file."""

    exit_code = 2


class Beyond(ConfigurationError):  # noqa: N818
    """A run would do more than its limits allow; it stops before the first write.

    Args:
        text: One line: what would be done, how many, and how to approve it.
        token: Names exactly this set of changes.
    """

    def __init__(self, text: str, *, token: str = "") -> None:
        super().__init__(text)
        self.token = token


class StoreError(ConfigurationError):
    """The store can't be used; the text names its path."""


class BadInput(ConfigurationError):  # noqa: N818
    """Standard input holds something that isn't a Singer message; the text names the line, never its content."""
