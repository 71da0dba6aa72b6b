"""What came of one connection, next to what came of the one without a header."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from kubelb_gen.frozen import dataclass
from kubelb_gen.probe.exchange import Ending, Exchange
from kubelb_gen.probe.payload import escape
from kubelb_gen.probe.protocols import Words, understand

if TYPE_CHECKING:
    from kubelb_gen.probe.target import Address

_FORBIDDEN = 403
_FIRST_ERROR = 400
_SHOWN_BYTES = 80
_SPEAK_FIRST = {"smtp", "ftp", "ssh", "mysql"}
_ENDINGS = {
    Ending.OPEN: "silent",
    Ending.CLOSED: "closed",
    Ending.RESET: "reset",
    Ending.TIMEOUT: "silent",
    Ending.TLS_FAILED: "tls-failed",
}


class Header(StrEnum):
    """What a connection begins with."""

    NONE = "none"
    V2 = "v2"
    V1 = "v1"
    LOCAL = "v2-local"


class Outcome(StrEnum):
    """What a connection came to.

    `REJECTED` is an answer, and a complaint; `DENIED` is one that only who has read
    the header gives; behind the others stands no answer at all.
    """

    SERVED = "served"
    REJECTED = "rejected"
    DENIED = "denied"
    CLOSED = "closed"
    RESET = "reset"
    SILENT = "silent"
    TLS_FAILED = "tls-failed"
    UNREACHABLE = "unreachable"


class Named(StrEnum):
    """Whose address an answer contains: the header's client or our own."""

    CLIENT = "client"
    PEER = "peer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One connection; *words* is None where the server said nothing."""

    header: Header
    outcome: Outcome
    words: Words | None = None
    heard: bytes = b""
    greeted: bool = False
    named: Named | None = None
    failure: str | None = None

    @property
    def shown(self) -> str | None:
        """The start of what the server said, safe to print."""
        return escape(self.heard[:_SHOWN_BYTES]) if self.heard else None

    @property
    def greeted_late(self) -> bool:
        """Tell whether a server that speaks first was asked before it spoke."""
        first = self.words is not None and self.words.protocol in _SPEAK_FIRST
        return first and not self.greeted

    @property
    def bad_request(self) -> bool:
        """Tell whether an HTTP server complains of the request."""
        return self.words is not None and self.words.status == _FIRST_ERROR


def judge(
    header: Header, exchange: Exchange, plain: Attempt | None, named: Named | None
) -> Attempt:
    """Return what *exchange* means, given the attempt without a header."""
    heard = exchange.received
    ended = Outcome(_ENDINGS[exchange.ending])
    if not heard:
        return Attempt(header=header, outcome=ended, failure=exchange.failure)
    still_open = exchange.ending is Ending.OPEN
    words = understand(exchange.greeting, exchange.answer, still_open=still_open)
    # A greeting is no answer: what was asked then may never get one.
    unanswered = exchange.asked and not exchange.answer
    return Attempt(
        header=header,
        outcome=ended if unanswered else _outcome(words, plain),
        words=words,
        heard=heard,
        greeted=bool(exchange.greeting),
        named=named,
    )


def whose_address(heard: bytes, client: Address, peer: Address | None) -> Named | None:
    """Say whether *heard* contains *client*, else *peer*, as a whole address."""
    if _contains(heard, client):
        return Named.CLIENT
    return Named.PEER if peer is not None and _contains(heard, peer) else None


def _contains(heard: bytes, address: Address) -> bool:
    # A port may follow, another group of digits may not.
    after = rb"(?![0-9]|\.[0-9])" if address.version == 4 else rb"(?![0-9A-Fa-f:])"  # noqa: PLR2004
    pattern = rb"(?<![0-9A-Fa-f.])" + re.escape(str(address).encode()) + after
    return re.search(pattern, heard) is not None


def _outcome(words: Words, plain: Attempt | None) -> Outcome:
    usual = None if plain is None else plain.words
    usual_status = None if usual is None else usual.status
    if plain is not None and words.status == _FORBIDDEN != usual_status:
        return Outcome.DENIED
    if words.complaint or (usual is not None and _differ(words, usual)):
        return Outcome.REJECTED
    return Outcome.SERVED


def _differ(words: Words, usual: Words) -> bool:
    if usual.complaint:
        return False
    if words.protocol != usual.protocol or words.gist != usual.gist:
        return True
    fails = (words.status or 0) >= _FIRST_ERROR
    return fails and (usual.status or 0) < _FIRST_ERROR
