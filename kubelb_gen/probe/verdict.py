"""From what the connections came to, to what the backend does with a header.

KubeLB's Envoy sends version 2; version 1 comes from load balancers alone.  So the
word without a suffix is about version 2.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from kubelb_gen.probe.attempt import Attempt, Header, Named, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_WORD = {Outcome.CLOSED, Outcome.RESET}
_REFUSED = {Outcome.REJECTED, Outcome.TLS_FAILED, *_NO_WORD}


class Verdict(StrEnum):
    """What the backend does with a PROXY header, for the address we come from."""

    WANTS = "wants"
    WANTS_V1 = "wants-v1"
    ALLOWS = "allows"
    ALLOWS_V1 = "allows-v1"
    IGNORES = "ignores"
    REFUSES = "refuses"
    HANGS = "hangs"
    REFUSES_PEER = "refuses-peer"
    SILENT = "silent"
    UNCLEAR = "unclear"

    @property
    def meaning(self) -> str:
        """The verdict as a sentence about the backend."""
        return _MEANINGS[self]


_MEANINGS = {
    Verdict.WANTS: "serves with a PROXY header, and does not without",
    Verdict.WANTS_V1: "serves with a PROXY header of version 1, and not without",
    Verdict.ALLOWS: "serves with a PROXY header and without",
    Verdict.ALLOWS_V1: "serves with a PROXY header of version 1 and without",
    Verdict.IGNORES: "serves with a PROXY header, and does not believe it",
    Verdict.REFUSES: "serves without a PROXY header, and fails with one",
    Verdict.HANGS: "serves without a PROXY header, and falls silent with one",
    Verdict.REFUSES_PEER: "serves no PROXY header that comes from here",
    Verdict.SILENT: "takes connections and never says a word",
    Verdict.UNCLEAR: "its answers fit no pattern",
}


def decide(attempts: Mapping[Header, Attempt]) -> Verdict:
    """Return what *attempts* say together."""
    versions = reads(attempts)
    plain = attempts[Header.NONE].outcome
    if plain is Outcome.UNREACHABLE:
        return Verdict.UNCLEAR
    if versions:
        v2 = Header.V2 in versions
        if plain is not Outcome.SERVED:
            return Verdict.WANTS if v2 else Verdict.WANTS_V1
        if believed(attempts) is False:
            return Verdict.IGNORES
        return Verdict.ALLOWS if v2 else Verdict.ALLOWS_V1
    if plain is Outcome.SERVED:
        return _turned_down(attempts[Header.V2].outcome)
    return _never_served({each.outcome for each in attempts.values()})


def reads(attempts: Mapping[Header, Attempt]) -> tuple[Header, ...]:
    """Return the versions that the backend served, version 2 first."""
    served = {each.header for each in attempts.values() if each.outcome == "served"}
    if Header.LOCAL in served:
        served.add(Header.V2)
    return tuple(each for each in (Header.V2, Header.V1) if each in served)


def believed(attempts: Mapping[Header, Attempt]) -> bool | None:
    """Tell whether the answers name the header's client; None where unknown."""
    named = {
        each.named
        for each in attempts.values()
        if each.header in (Header.V2, Header.V1) and each.outcome is Outcome.SERVED
    }
    if Named.CLIENT in named:
        return True
    return False if Named.PEER in named else None


def _turned_down(v2: Outcome) -> Verdict:
    if v2 is Outcome.DENIED:
        return Verdict.REFUSES_PEER
    if v2 is Outcome.SILENT:
        return Verdict.HANGS
    return Verdict.REFUSES if v2 in _REFUSED else Verdict.UNCLEAR


def _never_served(outcomes: set[Outcome]) -> Verdict:
    if outcomes == {Outcome.SILENT}:
        return Verdict.SILENT
    if Outcome.DENIED in outcomes or outcomes <= _NO_WORD:
        return Verdict.REFUSES_PEER
    return Verdict.UNCLEAR
