"""What to make of a verdict, and what to try next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.probe.attempt import Attempt, Header, Outcome
from kubelb_gen.probe.verdict import Verdict, believed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BY_SOURCE = (
    "this holds for the address that the probe came from: a backend that trusts by "
    "source may answer KubeLB's Envoy in another way"
)
_V1_ALONE = (
    "KubeLB's Envoy sends version 2 alone: leave its annotation off, and let the load "
    "balancer send version 1"
)
_NOTES = {
    Verdict.WANTS_V1: _V1_ALONE,
    Verdict.ALLOWS_V1: _V1_ALONE,
    Verdict.IGNORES: _BY_SOURCE,
    Verdict.REFUSES: _BY_SOURCE,
    Verdict.HANGS: (
        "with KubeLB's annotation every client would wait for ever, while the "
        "connect-only health check stays green"
    ),
    Verdict.REFUSES_PEER: (
        "it trusts other addresses than this one, or speaks something else than what "
        "was sent: run the probe from where KubeLB's connections come from, or see "
        "--tls and --send"
    ),
    Verdict.SILENT: (
        "it may wait for something else than an HTTP request: see --send and --tls"
    ),
}


def advise(
    verdict: Verdict, attempts: Mapping[Header, Attempt], *, tls: bool
) -> Iterator[str]:
    """Yield sentences for whoever reads *verdict*."""
    if verdict in _NOTES:
        yield _NOTES[verdict]
    if Header.LOCAL in attempts and attempts[Header.LOCAL].outcome is Outcome.SERVED:
        yield (
            "a header that names nobody is served: the client's address is refused, "
            "name another one with --source-address"
        )
    if verdict in (Verdict.WANTS, Verdict.WANTS_V1) and believed(attempts) is False:
        yield "the answer names the peer: the header is read and not believed"
    if any(each.outcome is Outcome.DENIED for each in attempts.values()):
        yield "an answer of 403 may also be the application's own"
    if verdict is Verdict.UNCLEAR:
        yield from _unclear(attempts, tls=tls)


def _unclear(attempts: Mapping[Header, Attempt], *, tls: bool) -> Iterator[str]:
    found = attempts.values()
    if not tls and any(each.words and each.words.wants_tls for each in found):
        yield "it speaks TLS: see --tls"
    if tls and any(each.outcome is Outcome.TLS_FAILED for each in found):
        yield "it may not speak TLS at all: try without --tls"
    if any(each.greeted_late for each in found):
        yield "it speaks first, and did so late: give it more time with --timeout"
    if attempts[Header.NONE].bad_request:
        yield (
            "it finds fault with the request itself: see --server-name for its Host, "
            "and --send for another request"
        )
    if any(each.outcome is Outcome.UNREACHABLE for each in found):
        yield "it took a first connection and refused a later one: try again"
