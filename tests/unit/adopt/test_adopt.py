from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from kubelb_gen import api
from kubelb_gen.adopt import Adopted, Given, adopt
from kubelb_gen.document import Source
from kubelb_gen.errors import SpecError
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from kubelb_gen.running import Dump
from kubelb_gen.trace import Verdict
from tests.support.api_server import clusters, dumps, listed

if TYPE_CHECKING:
    from pathlib import Path

Object = dict[str, Any]

UID = "0c1f6f9e-5d2c-4a39-9c52-0de6f3cf1f57"
PROXY = "kubelb.k8c.io/proxy-protocol"


def service(name: str = "web", **spec: Any) -> Object:  # noqa: ANN401
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop", "uid": UID},
        "spec": {
            "type": "LoadBalancer",
            "selector": {"app": name},
            "externalTrafficPolicy": "Cluster",
            "ports": [{"name": "http", "port": 80, "nodePort": 30080}],
            **spec,
        },
    }


def load_balancer() -> Object:
    """Return KubeLB's object for the Service `shop/web` of tenant `acme`."""
    return {
        "apiVersion": "kubelb.k8c.io/v1alpha1",
        "kind": "LoadBalancer",
        "metadata": {
            "name": UID,
            "namespace": "tenant-acme",
            "annotations": {PROXY: "v2"},
            "labels": {
                "kubelb.k8c.io/origin-ns": "shop",
                "kubelb.k8c.io/origin-name": "web",
            },
        },
        "spec": {
            "type": "LoadBalancer",
            "externalTrafficPolicy": "Local",
            "ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
            "endpoints": [
                {
                    "addressesReference": {"name": "default"},
                    "ports": [{"name": "http", "port": 30080, "protocol": "TCP"}],
                }
            ],
        },
    }


def of(*objects: Object, given: Given | None = None, tenant: str = "acme") -> Adopted:
    text = json.dumps(listed(list(objects)))
    return adopt([Dump(Source("dump.json", text), tenant)], given or Given())


def the_service(adopted: Adopted) -> Object:
    (tenant,) = adopted.data["spec"]["tenants"]
    (found,) = tenant["services"]
    return dict(found)


def test_a_program_that_nobody_names_is_unknown_and_not_evaluated() -> None:
    adopted = of(service())
    verdicts = {
        path.verdict
        for path in api.trace(api.from_data(adopted.data))
        if not path.plain
    }

    assert {"kind": "unknown"} == the_service(adopted)["backend"]
    assert Verdict.NOT_EVALUATED in verdicts
    # The program, the load balancer, and two lists of ranges.
    assert 4 == adopted.unknown


def test_what_runs_is_pinned_only_where_the_plan_decides_otherwise() -> None:
    cluster = the_service(of(service()))
    local = the_service(of(service(externalTrafficPolicy="Local")))

    assert "Cluster" == cluster["externalTrafficPolicy"]
    assert "externalTrafficPolicy" not in local


def test_kubelbs_objects_alone_make_a_spec_that_patches() -> None:
    text = json.dumps(listed([load_balancer()]))
    adopted = adopt([Dump(Source("management.json", text))])
    found = the_service(adopted)

    assert "acme" == adopted.data["spec"]["tenants"][0]["name"]
    assert ("shop", "web", UID) == (found["namespace"], found["name"], found["uid"])
    assert "patch" == found["output"]
    assert "v2" == found["proxyProtocol"]
    assert [{"name": "http", "port": 80, "nodePort": 30080}] == found["ports"]


def test_a_uid_tells_whose_service_it_is() -> None:
    ours = [load_balancer()]
    other = {**load_balancer(), "metadata": {"name": "b", "namespace": "tenant-zoo"}}
    adopted = adopt(
        [
            Dump(Source("management.json", json.dumps(listed([*ours, other])))),
            Dump(Source("services.json", json.dumps(listed([service()])))),
        ]
    )

    assert [("acme", 1), ("zoo", 0)] == [
        (each["name"], len(each.get("services", ())))
        for each in adopted.data["spec"]["tenants"]
    ]


def test_a_service_that_could_be_anybodys_is_a_problem_with_its_line() -> None:
    management = json.dumps(
        listed(
            [
                {"apiVersion": "kubelb.k8c.io/v1alpha1", "kind": "Tenant", **named}
                for named in ({"metadata": {"name": "a"}}, {"metadata": {"name": "b"}})
            ]
        )
    )
    text = yaml.safe_dump(service())
    with pytest.raises(SpecError) as caught:
        adopt([Dump(Source("m.json", management)), Dump(Source("s.yaml", text))])
    (problem,) = caught.value.diagnostics

    assert "whose-object" == problem.id
    assert problem.location is not None
    assert ("s.yaml", 1) == (problem.location.source, problem.location.line)
    assert "--tenant NAME=s.yaml" in str(problem.hint)


def test_secrets_are_not_read_and_what_looks_like_one_is_left_out() -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "shop"},
        "data": {"token": "aHVudGVyMg=="},
    }
    told = service()
    told["metadata"]["annotations"] = {
        "example.com/api-token": "hunter2",
        "example.com/upstream": "https://admin:hunter2@example.com",
        "example.com/size": "L",
    }
    adopted = of(secret, told)

    assert {"example.com/size": "L"} == the_service(adopted)["annotations"]
    assert "hunter2" not in adopted.text
    assert "aHVudGVyMg" not in adopted.text
    assert ["example.com/api-token", "example.com/upstream"] == sorted(
        note.message.split("'")[1] for note in adopted.told
    )


def test_kubectls_note_and_managed_fields_are_not_adopted() -> None:
    told = service()
    told["metadata"]["managedFields"] = [{"manager": "kubectl"}]
    told["metadata"]["annotations"] = {
        "kubectl.kubernetes.io/last-applied-configuration": "{}"
    }
    adopted = of(told)

    assert "annotations" not in the_service(adopted)
    assert "managed" not in adopted.text.partition("spec:")[2].replace("management", "")


def test_a_service_of_a_helm_release_is_patched() -> None:
    told = service()
    told["metadata"]["labels"] = {"app.kubernetes.io/managed-by": "Helm"}
    found = the_service(of(told))

    assert "patch" == found["output"]
    assert "labels" not in found


def test_annotations_name_their_load_balancer_and_what_it_sends() -> None:
    told = service(externalTrafficPolicy="Local")
    told["metadata"]["annotations"] = {
        "load-balancer.hetzner.cloud/uses-proxyprotocol": "true"
    }
    adopted = of(told)
    (path, *_) = api.trace(api.from_data(adopted.data))
    balancer = adopted.data["spec"]["management"]["loadBalancer"]

    assert {"provider": "hetzner", "proxyProtocol": "v2"} == balancer
    assert "acceptProxyProtocol" in the_service(adopted)["backend"]
    # It renders to what runs.
    rendered = render_plan(make_plan(api.from_data(adopted.data)))
    assert told["metadata"]["annotations"].items() <= (
        yaml.safe_load(rendered["tenants/acme/shop/web.service.yaml"].text)["metadata"][
            "annotations"
        ].items()
    )
    assert Verdict.NOT_EVALUATED is path.verdict


def test_images_tell_the_release_and_nodes_their_ranges() -> None:
    manager = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "kubelb", "namespace": "kubelb"},
        "spec": {"image": "quay.io/kubermatic/kubelb-manager-ee:v1.3.4"},
    }
    addresses = {
        "apiVersion": "kubelb.k8c.io/v1alpha1",
        "kind": "Addresses",
        "metadata": {"name": "default", "namespace": "tenant-acme"},
        "spec": {"addresses": [{"ip": "10.2.0.22"}, {"ip": "10.2.0.21"}]},
    }
    adopted = adopt(
        [
            Dump(
                Source("m.json", json.dumps(listed([manager, addresses]))), "management"
            ),
            Dump(Source("t.json", json.dumps(listed([service()]))), "acme"),
        ]
    )
    spec = adopted.data["spec"]

    assert {"version": "1.3.4", "edition": "EE"} == spec["kubelb"]
    assert ["10.2.0.21", "10.2.0.22"] == spec["tenants"][0]["nodes"]
    assert 0 == adopted.guessed


def test_udp_is_adopted_with_the_reason_why_it_is_lost() -> None:
    ports = [{"name": "dns", "port": 53, "protocol": "UDP", "nodePort": 30053}]
    found = the_service(of(service(ports=ports)))

    assert "ignored" == found["ports"][0]["clientIP"]
    assert {"kind": "unknown"} == found["backend"]


def test_what_an_api_server_gives_back_is_adopted_like_the_file(
    repository: Path,
) -> None:
    folder = repository / "examples" / "l4-proxy-protocol"
    fleet = api.load(folder / "spec.yaml")
    adopted = adopt(dumps(clusters(render_plan(make_plan(fleet)))))
    found = the_service(adopted)

    assert {
        "kind": "nginx",
        "mode": "stream",
        "upstream": "127.0.0.1:8080",
    }.items() <= found["backend"].items()
    assert ["10.3.0.0/16"] == adopted.data["spec"]["management"]["egressCIDRs"]
    assert not {"annotations", "externalTrafficPolicy", "proxyProtocol"} & found.keys()


def test_the_same_dumps_give_the_same_bytes_in_any_order() -> None:
    one = service("api", ports=[{"port": 81, "nodePort": 30081}])
    one["metadata"]["uid"] = "a"

    assert of(one, service()).text.replace(":1", "") == of(service(), one).text.replace(
        ":1", ""
    )


def test_the_commented_text_says_the_same_as_the_data() -> None:
    adopted = of(service(), given=Given(load_balancer="metallb-bgp"))

    assert adopted.data == yaml.safe_load(adopted.text)
    assert "# unknown: " in adopted.text


def test_objects_that_others_call_alike_are_passed_over() -> None:
    knative = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"type": "LoadBalancer", "ports": [{"port": 1}]},
    }
    istio = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "gw", "namespace": "shop"},
        "spec": {"selector": {"istio": "ingressgateway"}},
    }
    adopted = of(knative, istio, service())

    assert 80 == the_service(adopted)["ports"][0]["port"]
    assert "gateways" not in adopted.data["spec"]["tenants"][0]


def test_a_service_without_a_port_that_kubelb_carries_is_left_out() -> None:
    sctp = service("m3ua", ports=[{"port": 2905, "protocol": "SCTP"}])
    adopted = of(sctp, service())

    assert "web" == the_service(adopted)["name"]
    assert ["acme: shop/m3ua: no port of TCP or UDP; left out"] == [
        note.message for note in adopted.told
    ]


def test_a_trust_list_that_no_range_explains_is_pinned(repository: Path) -> None:
    folder = repository / "examples" / "l4-proxy-protocol"
    data = yaml.safe_load((folder / "spec.yaml").read_text("utf-8"))
    (first,) = data["spec"]["tenants"][0]["services"]
    others = [
        {
            **first,
            "name": name,
            "ports": [{**first["ports"][0], "nodePort": number}],
            "backend": {**first["backend"], **pin},
        }
        for name, number, pin in (
            ("two", 30501, {}),
            ("three", 30502, {"trustedCIDRs": ["10.3.9.0/24"]}),
        )
    ]
    data["spec"]["tenants"][0]["services"] += others
    adopted = adopt(dumps(clusters(render_plan(make_plan(api.from_data(data))))))
    spec = adopted.data["spec"]
    pins = {
        each["name"]: each["backend"].get("trustedCIDRs")
        for each in spec["tenants"][0]["services"]
    }

    assert ["10.3.0.0/16"] == spec["management"]["egressCIDRs"]
    assert {
        "my-tcp-service": None,
        "two": None,
        "three": ["10.3.9.0/24"],
    } == pins


def test_what_a_tenants_own_list_lets_through_beside_switches_stays() -> None:
    tenant = {
        "apiVersion": "kubelb.k8c.io/v1alpha1",
        "kind": "Tenant",
        "metadata": {"name": "acme"},
        "spec": {
            "propagatedAnnotations": {
                "load-balancer.hetzner.cloud/location": "fsn1",
                "load-balancer.hetzner.cloud/uses-proxyprotocol": "false,true",
            }
        },
    }
    adopted = adopt([Dump(Source("a.json", json.dumps(tenant)))])

    assert {"load-balancer.hetzner.cloud/location": "fsn1"} == (
        yaml.safe_load(adopted.text)["spec"]["kubelb"]["propagatedAnnotations"]
    )


def test_the_load_balancer_that_is_named_stands_before_gateways_as_well() -> None:
    gateway = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "public", "namespace": "shop"},
        "spec": {"gatewayClassName": "kubelb", "listeners": []},
    }
    route = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "parentRefs": [{"name": "public"}],
            "rules": [{"backendRefs": [{"name": "web", "port": 80}]}],
        },
    }
    behind = service(type="ClusterIP", ports=[{"port": 80, "targetPort": 8080}])
    adopted = of(gateway, route, behind, given=Given(load_balancer="hetzner"))
    unsaid = of(gateway, route, behind)

    named = adopted.data["spec"]["management"]["loadBalancer"]
    assert {"provider": "hetzner"} == named
    assert {"class": "unknown"} == unsaid.data["spec"]["management"]["loadBalancer"]
