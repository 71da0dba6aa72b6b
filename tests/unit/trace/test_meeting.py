"""What comes of the senders of one state and the receivers of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.trace.meaning import meaning
from kubelb_gen.trace.meeting import met
from kubelb_gen.trace.transition import transitions
from tests.support.wishes import gateway, plan_of_gateway

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.wishes import Data

NGINX: Data = {"kind": "nginx", "listen": 8080, "upstream": "127.0.0.1:3000"}


def behind(reads: str | None, balancer: Data) -> Mapping[str, Any]:
    """The record of a route whose edge *reads* PROXY headers."""
    edge = {"name": "eg", "kind": "envoy-gateway", "version": "1.9"}
    if reads is not None:
        edge["acceptProxyProtocol"] = reads
    plan = plan_of_gateway(
        gateway(NGINX), balancer=balancer, management={"edges": [edge]}
    )
    return meaning(plan)[0]


def test_an_edge_that_reads_whatever_comes_believes_a_client_behind_nothing() -> None:
    record = behind("optional", {"provider": "metallb-bgp"})

    assert "forgeable" == record["verdict"]
    assert "forgeable" == met(record, record).verdict


def test_and_the_balancer_where_that_sends() -> None:
    record = behind("optional", {"provider": "linode", "proxyProtocol": "v2"})

    assert "preserved" == record["verdict"]
    assert "preserved" == met(record, record).verdict


def test_a_path_that_goes_leaves_its_client_unseen() -> None:
    record = behind(None, {"provider": "metallb-bgp"})
    [gone] = transitions([record], [])
    [came] = transitions([], [record])

    assert gone.regression
    assert not came.regression
