"""What the owner accepts, by rule, tenant, namespace, service and port."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kubelb_gen.api import check, from_data
from tests.support.wishes import NGINX, NONE, Data, cilium, document, gateway, service

if TYPE_CHECKING:
    from kubelb_gen.checks import Report

UDP: Data = {"protocol": "UDP", "backend": NGINX}


def judged(*suppressions: Data) -> Report:
    """Two Services of UDP ports, each of which loses its client."""
    services = [
        service({**UDP, "name": "a"}, {**UDP, "name": "b"}),
        service({**UDP, "name": "a", "nodePort": 30900})
        | {"name": "dns", "namespace": "infra"},
    ]
    entries = [
        {"rule": "client-ip-lost", "reason": "lab", **each} for each in suppressions
    ]
    data = document(tenant={"services": services}, more={"suppress": entries})
    return check(from_data(data))


@pytest.mark.parametrize(
    ("where", "left"),
    [
        (None, 3),
        ({}, 0),
        ({"tenant": "primary"}, 0),
        ({"namespace": "infra"}, 2),
        ({"service": "web"}, 1),
        ({"service": "web", "port": "a"}, 2),
        ({"port": "a"}, 1),
        (
            {
                "tenant": "primary",
                "namespace": "default",
                "service": "web",
                "port": "b",
            },
            2,
        ),
        # Where one word does not fit, nothing is accepted.
        ({"namespace": "infra", "service": "web"}, 3),
        ({"service": "web", "port": "c"}, 3),
    ],
)
def test_a_suppression_covers_what_it_names(where: Data | None, left: int) -> None:
    report = judged() if where is None else judged(where)

    assert len(report.errors) == left
    assert len(report.suppressed) == 3 - left
    assert {each.reason for each in report.suppressed} <= {"lab"}


@pytest.mark.parametrize("accepted", [False, True])
def test_what_is_the_same_of_services_of_one_name_is_told_once(
    *, accepted: bool
) -> None:
    entry = {"rule": "cilium-dsr-cloud", "reason": "tried"}
    web = service({"backend": NONE}, externalTrafficPolicy="Cluster")
    other = {"namespace": "b", "ports": [{"port": 80, "backend": NONE}]}
    data = document(
        balancer={"class": "passThrough"},
        dataplane=cilium("dsr"),
        tenant={"services": [web, web | other]},
        more={"suppress": [entry]} if accepted else {},
    )
    report = check(from_data(data))
    told = [*report.findings, *(each.finding for each in report.suppressed)]

    assert 1 == sum("service 'web' counts on DSR" in each.message for each in told)
    assert accepted == bool(report.suppressed)


def test_of_several_suppressions_that_cover_a_finding_one_is_told() -> None:
    narrow = {"service": "dns", "reason": "narrow"}
    one, other = judged({}, narrow), judged(narrow, {})

    assert len(one.suppressed) == 3
    assert [each.reason for each in one.suppressed] == [
        each.reason for each in other.suppressed
    ]


def test_a_suppression_of_another_rule_covers_nothing() -> None:
    assert len(judged({"rule": "client-ip-broken"}).errors) == 3


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("client-ip-losst", "did you mean 'client-ip-lost'?"),
        ("trust-ranges-wide", "did you mean 'trust-range-wide'?"),
        ("qqq", None),
    ],
)
def test_an_unknown_rule_is_an_error_with_the_rule_that_is_meant(
    wrong: str, meant: str | None
) -> None:
    (unknown,) = [
        each for each in judged({"rule": wrong}).errors if each.id == "unknown-rule"
    ]

    assert f"'{wrong}'" in unknown.message
    assert unknown.hint == meant
    assert unknown.at is not None


def test_a_route_is_named_by_its_backend_or_by_its_gateway() -> None:
    backend = {"kind": "other", "reads": {"first": True}}
    for name in ("gw", "app0"):
        accepted = {"rule": "client-ip-forgeable", "reason": "lab", "service": name}
        data = document(
            tenant={"gateways": [gateway(backend)]}, more={"suppress": [accepted]}
        )
        assert check(from_data(data)).errors == ()


@pytest.mark.parametrize("rule", ["object-name-taken", "one-gateway-per-tenant"])
def test_two_files_of_one_name_cannot_be_accepted(rule: str) -> None:
    (refused,) = [
        each
        for each in judged({"rule": rule}).errors
        if each.id == "suppression-refused"
    ]

    assert f"'{rule}' cannot be suppressed" in refused.message
