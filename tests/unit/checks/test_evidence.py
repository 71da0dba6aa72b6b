"""What rules that look across Services know of a part, and when they suspect."""

from __future__ import annotations

import json

import pytest

from kubelb_gen.checks import RULES
from kubelb_gen.checks.evidence import ACROSS, WARNED, evidence, suspects
from kubelb_gen.diagnostics import Severity
from kubelb_gen.plan.decide import make_plan
from tests.support.wishes import HAPROXY, IGNORED, NGINX, cilium, fleet_of, service

CLUSTER = {"externalTrafficPolicy": "Cluster"}
NAMED = {"configMap": {"name": "own", "key": "main.conf"}}


def test_rules_with_evidence_are_those_that_are_asked_for_it() -> None:
    assert set(ACROSS) == {
        name for name, rule in RULES.items() if hasattr(rule, "evidence")
    }


def test_notes_alone_are_not_warned_of() -> None:
    assert set(WARNED) == {
        name for name in ACROSS if RULES[name].SEVERITY is not Severity.INFO
    }


def test_a_part_says_who_has_an_object_that_another_could_have() -> None:
    web = service({"backend": NGINX, "plain": {"port": 8082}})

    assert [
        (
            "object-name-taken",
            "primary/Service/default/web-plain",
            "the plain ports of service 'web'",
        ),
        (
            "object-name-taken",
            "primary/ConfigMap/default/web-nginx",
            "the nginx of 'web'",
        ),
    ] == list(evidence(make_plan(fleet_of(web))))


def test_a_part_says_what_idles_and_whose_datagrams_grow() -> None:
    udp = service({"protocol": "UDP", **IGNORED}, name="dns", **CLUSTER)
    plan = make_plan(fleet_of(udp, dataplane=cilium("dsr")))

    assert [
        ("cilium-dsr-idle", "used"),
        ("cilium-dsr-udp-mtu", "primary/default/dns"),
    ] == list(evidence(plan))


def test_a_rule_without_its_topic_is_not_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "kubelb_gen.checks.registry.import_module",
        lambda name: pytest.fail(name) if "cilium_dsr" in name else _module(name),
    )

    assert list(evidence(make_plan(fleet_of(service({"backend": NGINX})))))


def _module(name: str) -> object:
    return RULES_BY_MODULE[name]


RULES_BY_MODULE = {
    f"kubelb_gen.checks.{name.replace('-', '_')}": rule for name, rule in RULES.items()
}


@pytest.mark.parametrize(
    ("said", "suspicious"),
    [
        ([], False),
        ([("mount-unusable", "folder", "a/nginx")] * 2, False),
        (
            [
                ("mount-unusable", "folder", "a/nginx"),
                ("mount-unusable", "folder", "b/nginx"),
            ],
            True,
        ),
        (
            [
                ("mount-unusable", "folder", "a/nginx"),
                ("object-name-taken", "folder", "b"),
            ],
            False,
        ),
        ([("cilium-dsr-idle", "idle")] * 2, False),
        ([("cilium-dsr-idle", "used"), ("cilium-dsr-idle", "idle")], True),
        ([("cilium-dsr-udp-mtu", "a/b/c")] * 2, False),
        ([("cilium-dsr-udp-mtu", "a/b/c"), ("cilium-dsr-udp-mtu", "a/b/d")], True),
        (
            [
                ("provider-unverified", "lb", "x"),
                ("provider-unverified", "lb", "x", "y"),
            ],
            True,
        ),
        (
            [("provider-unverified", "lb", "x"), ("provider-unverified", "other", "y")],
            False,
        ),
    ],
)
def test_what_parts_say_is_suspicious_together(
    said: list[tuple[str, ...]], suspicious: bool
) -> None:
    assert suspicious is suspects(said)


def test_evidence_goes_through_json() -> None:
    fleet = fleet_of(
        service({"backend": NGINX | NAMED}),
        service({"backend": HAPROXY | NAMED, "nodePort": 30600}, name="api"),
    )
    known = json.loads(json.dumps(list(evidence(make_plan(fleet)))))

    assert suspects(map(tuple, known))
