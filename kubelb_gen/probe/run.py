"""The connections of one probe, and what they say together."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from kubelb_gen.frozen import dataclass
from kubelb_gen.probe import dial, header
from kubelb_gen.probe.advice import advise
from kubelb_gen.probe.attempt import (
    Attempt,
    Header,
    Outcome,
    judge,
    whose_address,
)
from kubelb_gen.probe.exchange import Exchange, Script, converse
from kubelb_gen.probe.payload import http_request
from kubelb_gen.probe.verdict import Verdict, believed, decide, reads

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from kubelb_gen.probe.target import Address, Target

MOST_CONNECTIONS = len(Header)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of *target*, and how.

    *timeout* bounds the name's resolution and each connection, in seconds; *client*
    is who the header names; *name* is for TLS and for the Host header; *payload*
    stands in place of the HTTP request.
    """

    target: Target
    timeout: float = 3.0
    client: Address | None = None
    tls: bool = False
    name: str | None = None
    payload: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found: for the connections from *peer* to *address*."""

    question: Question
    address: str
    peer: str
    client: str
    verdict: Verdict
    reads: tuple[Header, ...]
    believed: bool | None
    attempts: tuple[Attempt, ...]
    notes: tuple[str, ...]


def probe(question: Question, announce: Callable[[Header], None]) -> Report:
    """Connect to the target, at most `MOST_CONNECTIONS` times, and say what it does.

    *announce* is told of every connection before it is made.  Raises
    `UnreachableError` where the first one fails.
    """
    announce(Header.NONE)
    places = dial.resolve(question.target, question.timeout)
    link, place = dial.first_reachable(question.target, places, question.timeout)
    talk = _Talk(question, place, dial.own_address(place))
    attempts = {Header.NONE: talk.plain(link)}
    for each in (Header.V2, Header.V1):
        announce(each)
        attempts[each] = talk.with_header(each, attempts[Header.NONE])
    if _needs_local(attempts):
        announce(Header.LOCAL)
        attempts[Header.LOCAL] = talk.with_header(Header.LOCAL, attempts[Header.NONE])
    verdict = decide(attempts)
    return Report(
        question=question,
        address=str(place[1][0]),
        peer=talk.peer,
        client=str(talk.client),
        verdict=verdict,
        reads=reads(attempts),
        believed=believed(attempts),
        attempts=tuple(attempts.values()),
        notes=tuple(advise(verdict, attempts, tls=question.tls)),
    )


def _needs_local(attempts: dict[Header, Attempt]) -> bool:
    """Tell whether a header that names nobody could still be served.

    It separates a backend that refuses the header's client from one that refuses
    the header, or the peer.
    """
    if reads(attempts):
        return False
    unserved = attempts[Header.NONE].outcome is not Outcome.SERVED
    return unserved or attempts[Header.V2].outcome is Outcome.DENIED


class _Talk:
    """Every connection of a probe: all go to one *place*."""

    def __init__(self, question: Question, place: dial.Place, peer: str) -> None:
        self._question = question
        self._place = place
        self.peer = peer
        self._peer = ipaddress.ip_address(peer)
        self.client = question.client or header.CLIENTS[self._peer.version]

    def plain(self, link: socket.socket) -> Attempt:
        wait = self._question.timeout / 4
        exchange = converse(link, self._script(b"", wait))
        return self._judged(Header.NONE, exchange, None)

    def with_header(self, kind: Header, plain: Attempt) -> Attempt:
        question = self._question
        try:
            link = dial.connect(self._place, question.timeout)
        except OSError as error:
            failure = dial.reason(error)
            return Attempt(header=kind, outcome=Outcome.UNREACHABLE, failure=failure)
        # Who answered when asked need not be waited for again.
        asked = plain.outcome is Outcome.SERVED and not plain.greeted
        wait = 0 if asked else question.timeout / 4
        exchange = converse(link, self._script(self._header(kind), wait))
        return self._judged(kind, exchange, plain)

    def _script(self, start: bytes, wait: float) -> Script:
        question = self._question
        payload = question.payload
        if payload is None:
            payload = http_request(question.target, question.name)
        name = question.name or question.target.host
        return Script(
            header=start,
            payload=payload,
            always_send=question.payload is not None,
            greeting_wait=wait,
            tls_name=name if question.tls else None,
            timeout=question.timeout,
        )

    def _header(self, kind: Header) -> bytes:
        port = self._question.target.port
        if kind is Header.V1:
            return header.v1(self.client, port)
        if kind is Header.V2:
            return header.v2(self.client, port)
        return header.v2_local()

    def _judged(
        self, kind: Header, exchange: Exchange, plain: Attempt | None
    ) -> Attempt:
        # An answer that repeats the Host header would name us by accident.
        peer = None if self.peer == self._place[1][0] else self._peer
        named = whose_address(exchange.received, self.client, peer)
        return judge(kind, exchange, plain, named)
