"""Leaving out what neither side changes changes no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import kubelb_gen
from kubelb_gen.diff.paths import path_changes
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.trace.meaning import meaning
from tests.support.wishes import IGNORED, NGINX, document, gateway, service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.wishes import Data

WEB: Data = {"kind": "nginx", "listen": 8080, "upstream": "127.0.0.1:3000"}
RANGES: Data = {"internalCIDRs": ["10.9.0.0/16"]}
POLICY: Data = {"externalTrafficPolicy": "Cluster", "proxyProtocol": "v2"}
TCP: Data = {"backend": NGINX}


def fleet(
    *services: str,
    web: Data = WEB,
    tenant: Data | None = None,
    **last: Any,  # noqa: ANN401  it is a spec
) -> kubelb_gen.Fleet:
    """Services of these names, the last with fields of its own, and a Gateway."""
    listed = [
        {**service(TCP | {"nodePort": 30000 + ord(name)}, **POLICY), "name": name}
        for name in services
    ]
    listed[-1] |= last
    owned = {"services": listed, "gateways": [gateway(web)], **(tenant or {})}
    return kubelb_gen.from_data(document(tenant=owned))


def records(one: kubelb_gen.Fleet) -> tuple[Mapping[str, object], ...]:
    return meaning(make_plan(one))


CHANGES = {
    "a policy": fleet("a", "b", externalTrafficPolicy="Local"),
    "ranges of the tenant": fleet("a", "b", tenant=RANGES),
    "a Service goes": fleet("a"),
    "a Service comes": fleet("a", "b", "c"),
    "a route": fleet("a", "b", web=WEB | IGNORED | {"kind": "apache"}),
    "nothing": fleet("a", "b"),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("backwards", [False, True])
def test_what_is_left_out_would_have_said_nothing(
    change: str, *, backwards: bool
) -> None:
    sides = (fleet("a", "b"), CHANGES[change])
    old, new = sides[::-1] if backwards else sides

    assert path_changes(records(old), records(new)) == kubelb_gen.diff(old, new).paths


@pytest.mark.parametrize(
    ("change", "ports"),
    [
        ("a policy", {"default/b:5000/TCP"}),
        ("a Service goes", {"default/b:5000/TCP"}),
        ("ranges of the tenant", {"default/a:5000/TCP", "default/b:5000/TCP"}),
        ("a route", {"gw/default/app0:8080/TCP"}),
    ],
)
def test_every_port_that_changes_is_told(change: str, ports: set[str]) -> None:
    changes = kubelb_gen.diff(fleet("a", "b"), CHANGES[change])
    told = {each.port.partition("/")[2] for each in changes.paths}

    assert ports <= told


def test_a_gateway_that_stays_is_not_traced() -> None:
    changes = kubelb_gen.diff(fleet("a", "b"), CHANGES["a policy"])
    traced = {str(each["path"]) for each in changes.old.meaning}

    assert not [path for path in traced if "app0" in path]


def test_a_port_that_goes_is_no_regression() -> None:
    changes = kubelb_gen.diff(fleet("a", "b"), CHANGES["a Service goes"])

    assert changes.paths
    assert not changes.regressions
