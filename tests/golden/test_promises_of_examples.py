"""What the examples of mixed estates promise in their READMEs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

import kubelb_gen
from kubelb_gen.trace import Origin, Verdict
from tests.support.yaml_readers import read_11

if TYPE_CHECKING:
    from pathlib import Path

    from kubelb_gen.model import Fleet


def loaded(examples: Path, name: str, old: str = "", new: str = "") -> Fleet:
    """The fleet of example *name*, with *new* in the place of *old*."""
    text = (examples / name / "spec.yaml").read_text("utf-8")
    assert old in text
    return kubelb_gen.from_data(yaml.safe_load(text.replace(old, new)))


def test_redis_is_one_of_25_services_and_no_header_ever_reaches_it(
    examples: Path,
) -> None:
    fleet = loaded(examples, "hetzner-mixed")
    (tenant,) = fleet.tenants
    paths = kubelb_gen.trace(fleet)
    redis = [path for path in paths if path.name == "redis"]

    assert 25 == len(tenant.services)
    assert all(each.verdict is not Verdict.BROKEN for each in redis)
    assert not any("PROXY v" in hop.why for each in redis for hop in each.hops)


def test_the_annotations_of_redis_say_off_and_all_others_on(examples: Path) -> None:
    files = kubelb_gen.render(loaded(examples, "hetzner-mixed"))
    key = "load-balancer.hetzner.cloud/uses-proxyprotocol"
    said = {
        path.rpartition("/")[2].partition(".")[0]: annotations
        for path, each in files.items()
        if path.endswith(".service.yaml") and path.startswith("tenants/")
        for annotations in [read_11(each.text)[0]["metadata"]["annotations"]]
    }

    assert {"redis"} == {name for name in said if said[name][key] == "false"}
    assert {"true", "false"} == {each[key] for each in said.values()}
    assert not any("kubelb.k8c.io/proxy-protocol" in each for each in said.values())


def test_a_header_for_redis_is_told_as_broken(examples: Path) -> None:
    pin = "proxyProtocol: v2\n          clientIP: ignored"
    report = kubelb_gen.check(
        loaded(examples, "hetzner-mixed", "clientIP: ignored", pin)
    )

    assert "client-ip-broken" in {each.id for each in report.errors}


def test_both_address_families_of_the_dual_stack_balancer_are_preserved(
    examples: Path,
) -> None:
    fleet = loaded(examples, "aws-dual-stack")
    seen = {
        (path.name, path.source): path.verdict
        for path in kubelb_gen.trace(fleet)
        if path.source in (Origin.INTERNET_IPV4, Origin.INTERNET_IPV6)
    }

    assert (
        dict.fromkeys(
            (
                (name, origin)
                for name in ("shop", "postgres")
                for origin in (Origin.INTERNET_IPV4, Origin.INTERNET_IPV6)
            ),
            Verdict.PRESERVED,
        )
        == seen
    )


def test_untranslated_ipv6_is_broken_in_plan_and_in_trace(examples: Path) -> None:
    """KubeLB's Envoy listens on 0.0.0.0."""
    fleet = loaded(examples, "aws-dual-stack", "aws-nlb-instance", "metallb-bgp")
    over_ipv6 = [
        path.verdict
        for path in kubelb_gen.trace(fleet)
        if path.source is Origin.INTERNET_IPV6
    ]

    assert [Verdict.BROKEN] * 2 == over_ipv6
    assert ["client-ip-broken"] * 2 == [
        each.id for each in kubelb_gen.check(fleet).errors
    ]


def test_translated_ipv6_without_a_header_is_lost_in_plan_and_in_trace(
    examples: Path,
) -> None:
    provider = "provider: aws-nlb-instance"
    fleet = loaded(
        examples, "aws-dual-stack", provider, f"{provider}, proxyProtocol: none"
    )
    verdicts = {
        (path.name, path.source): path.verdict for path in kubelb_gen.trace(fleet)
    }

    assert Verdict.PRESERVED is verdicts["shop", Origin.INTERNET_IPV4]
    assert Verdict.LOST is verdicts["shop", Origin.INTERNET_IPV6]
    assert {"client-ip-lost"} == {each.id for each in kubelb_gen.check(fleet).errors}
