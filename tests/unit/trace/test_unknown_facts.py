"""What depends on a fact that nobody knows is not evaluated, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kubelb_gen import api
from kubelb_gen.errors import SpecError
from kubelb_gen.trace import Path, Verdict

if TYPE_CHECKING:
    from kubelb_gen.model import Fleet

Data = dict[str, Any]

UNKNOWN: Data = {"kind": "unknown"}


def spec(backend: Data, *, balancer: Data | None = None, **pins: Any) -> Data:  # noqa: ANN401
    given = {"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080}
    return {
        "apiVersion": "kubelb-gen/v1alpha1",
        "kind": "ClientIPSpec",
        "metadata": {"name": "t"},
        "spec": {
            "kubelb": {"version": "1.4.3"},
            "management": {
                "loadBalancer": balancer or {"provider": "metallb-bgp"},
                "egressCIDRs": ["10.3.0.0/16"],
            },
            "tenants": [
                {
                    "name": "primary",
                    "internalCIDRs": ["10.2.0.0/16"],
                    "services": [
                        {
                            "name": "web",
                            "namespace": "default",
                            "selector": {"app": "web"},
                            "ports": [given],
                            "backend": backend,
                            **pins,
                        }
                    ],
                }
            ],
        },
    }


def main(fleet: Fleet) -> Path:
    return api.trace(fleet)[0]


def written() -> Data:
    return {"kind": "nginx", "mode": "http", "upstream": "127.0.0.1:3000"}


def test_an_unknown_program_ends_the_evaluation_at_the_last_hop() -> None:
    path = main(api.from_data(spec(UNKNOWN)))

    assert Verdict.NOT_EVALUATED is path.verdict
    assert (None, None, None) == (
        path.identity.is_,
        path.identity.carried_by,
        path.identity.lost_at,
    )
    assert "management-egress" == path.peer
    assert "backend" == path.hops[-1].name
    assert "unknown" in path.because[0]
    assert () == path.lies


def test_what_breaks_before_an_unknown_program_is_broken() -> None:
    balancer = {"provider": "metallb-l2"}
    udp = spec(UNKNOWN, balancer=balancer, externalTrafficPolicy="Local")
    vip = main(api.from_data(udp))
    known = main(
        api.from_data(spec(written(), balancer=balancer, externalTrafficPolicy="Local"))
    )

    # Where Local drops traffic, it does so for any program.
    assert (vip.verdict is Verdict.BROKEN) == (known.verdict is Verdict.BROKEN)


def test_an_unknown_load_balancer_leaves_callers_in_the_cluster_evaluated() -> None:
    fleet = api.from_data(spec(written(), balancer={"class": "unknown"}))
    verdicts = {str(path.source): path.verdict for path in api.trace(fleet)}

    assert Verdict.NOT_EVALUATED is verdicts["internet-ipv4"]
    assert Verdict.BROKEN is verdicts["cluster-service-ip"]


def test_whether_a_guard_admits_an_unknown_range_is_not_evaluated() -> None:
    data = spec({**written(), "trustedCIDRs": ["10.3.0.0/16"]})
    data["spec"]["management"]["egressCIDRs"] = "unknown"
    path = main(api.from_data(data))

    assert Verdict.NOT_EVALUATED is path.verdict
    assert "management-egress" in path.because[0]


@pytest.mark.parametrize(
    "field", ["upstream", "mode", "tls", "proxyProtocol", "trustedCIDRs", "emit"]
)
def test_of_an_unknown_program_nothing_else_can_be_said(field: str) -> None:
    with pytest.raises(SpecError) as caught:
        api.from_data(spec({**UNKNOWN, field: "v2"}))

    assert f"backend.{field}" in {
        str(each.at).rpartition("services[0].")[2] for each in caught.value.diagnostics
    }


def test_a_list_of_ranges_has_no_other_word_than_unknown() -> None:
    data = spec(written())
    data["spec"]["management"]["egressCIDRs"] = "10.3.0.0/16"
    with pytest.raises(SpecError) as caught:
        api.from_data(data)
    (problem,) = caught.value.diagnostics

    assert "wrong-type" == problem.id
    assert "must be a list" in problem.message


def test_a_spec_of_unknown_facts_renders_its_services_as_they_are() -> None:
    fleet = api.from_data(
        spec(UNKNOWN, proxyProtocol="v2", externalTrafficPolicy="Cluster")
    )
    files = api.render(fleet)
    report = api.check(fleet)
    text = files["tenants/primary/default/web.service.yaml"].text

    assert 'kubelb.k8c.io/proxy-protocol: "v2"' in text
    assert "externalTrafficPolicy: Cluster" in text
    assert not [path for path in files if path.startswith("backends/")]
    assert [] == list(report.errors)
    assert ["unknown-fact"] == [each.id for each in report.warnings]
