from __future__ import annotations

import ipaddress
import itertools
import json

import pytest

from kubelb_gen.assets import schema_text
from kubelb_gen.probe.advice import advise
from kubelb_gen.probe.attempt import Attempt, Header, Named, Outcome, whose_address
from kubelb_gen.probe.verdict import Verdict, believed, decide, reads


def _attempts(*outcomes: str) -> dict[Header, Attempt]:
    headers = (Header.NONE, Header.V2, Header.V1, Header.LOCAL)
    return {
        header: Attempt(header=header, outcome=Outcome(outcome))
        for header, outcome in zip(headers, outcomes, strict=False)
    }


@pytest.mark.parametrize(
    ("outcomes", "verdict", "versions"),
    [
        (("closed", "served", "served"), "wants", ["v2", "v1"]),
        (("silent", "served", "closed"), "wants", ["v2"]),
        (("rejected", "served", "served"), "wants", ["v2", "v1"]),
        (("tls-failed", "served", "served"), "wants", ["v2", "v1"]),
        (("reset", "rejected", "served"), "wants-v1", ["v1"]),
        (("served", "served", "served"), "allows", ["v2", "v1"]),
        (("served", "served", "closed"), "allows", ["v2"]),
        (("served", "rejected", "served"), "allows-v1", ["v1"]),
        (("served", "rejected", "rejected"), "refuses", []),
        (("served", "closed", "rejected"), "refuses", []),
        (("served", "rejected", "silent"), "refuses", []),
        (("served", "tls-failed", "tls-failed"), "refuses", []),
        (("served", "silent", "rejected"), "hangs", []),
        (("served", "unreachable", "closed"), "unclear", []),
        (("served", "denied", "denied", "denied"), "refuses-peer", []),
        (("served", "denied", "denied", "served"), "allows", ["v2"]),
        (("closed", "reset", "closed", "reset"), "refuses-peer", []),
        (("closed", "closed", "closed", "served"), "wants", ["v2"]),
        (("closed", "denied", "denied", "denied"), "refuses-peer", []),
        (("silent", "silent", "silent", "silent"), "silent", []),
        (("rejected", "rejected", "rejected", "rejected"), "unclear", []),
        (("closed", "silent", "closed", "closed"), "unclear", []),
    ],
)
def test_what_the_connections_came_to_makes_the_verdict(
    outcomes: tuple[str, ...], verdict: str, versions: list[str]
) -> None:
    attempts = _attempts(*outcomes)

    assert (verdict, versions) == (decide(attempts), list(reads(attempts)))


def test_every_combination_has_a_verdict_and_can_be_advised_on() -> None:
    for outcomes in itertools.product(Outcome, repeat=4):
        attempts = _attempts(*outcomes)

        verdict = decide(attempts)

        assert verdict.meaning
        assert all(advise(verdict, attempts, tls=True))


@pytest.mark.parametrize(
    ("named", "verdict"),
    [(None, "allows"), (Named.CLIENT, "allows"), (Named.PEER, "ignores")],
)
def test_a_header_is_ignored_where_the_answer_names_the_peer(
    named: Named | None, verdict: str
) -> None:
    attempts = _attempts("served", "served", "rejected")
    attempts[Header.V2] = Attempt(header=Header.V2, outcome=Outcome.SERVED, named=named)

    assert verdict == decide(attempts)


def test_a_complaint_that_quotes_the_header_proves_no_belief() -> None:
    attempts = _attempts("served", "rejected", "rejected")
    attempts[Header.V1] = Attempt(
        header=Header.V1, outcome=Outcome.REJECTED, named=Named.CLIENT
    )

    assert believed(attempts) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (b"you are 192.0.2.1:4000 via 10.0.0.5", Named.CLIENT),
        (b'{"peer": "10.0.0.5"}', Named.PEER),
        (b"from 10.0.0.5.", Named.PEER),
        (b"192.0.2.10, 10.0.0.50, 110.0.0.5, 10.0.0.5.4", None),
        (b"", None),
    ],
)
def test_an_address_is_found_whole_or_not_at_all(
    text: bytes, named: Named | None
) -> None:
    client, peer = ipaddress.ip_address("192.0.2.1"), ipaddress.ip_address("10.0.0.5")

    assert named == whose_address(text, client, peer)


def test_the_schema_lists_every_verdict_and_outcome() -> None:
    properties = json.loads(schema_text("probe-v1.json"))["properties"]
    attempt = properties["attempts"]["items"]["properties"]

    assert list(Verdict) == properties["verdict"]["enum"]
    assert list(Outcome) == attempt["outcome"]["enum"]
    assert list(Header) == attempt["header"]["enum"]
