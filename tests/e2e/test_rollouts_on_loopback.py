"""A client asks every 10 ms while a rollout's steps reach real programs."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

import kubelb_gen
from tests.support import applications, loopback
from tests.support.rolling import ENVOY, Cluster, asking

if TYPE_CHECKING:
    from pathlib import Path

    from kubelb_gen.model import Fleet
    from tests.support.applications import HttpApplication

Data = dict[str, Any]

LISTEN = 28500
BARE = {
    "proxyProtocol": "none",
    "clientIP": "preferred",
    "because": "it does not see the client yet",
}


def fleet(kind: str, upstream: int, service: Data | None = None) -> Fleet:
    """One Service with a program of *kind*."""
    backend = {"kind": kind, "upstream": f"127.0.0.1:{upstream}"}
    if kind in ("nginx", "haproxy", "envoy"):
        backend["mode"] = "http"
    return kubelb_gen.from_data(
        {
            "apiVersion": "kubelb-gen/v1alpha1",
            "kind": "ClientIPSpec",
            "metadata": {"name": "acme"},
            "spec": {
                "kubelb": {"version": "1.4.3", "edition": "CE"},
                "management": {
                    "loadBalancer": {"provider": "metallb-bgp"},
                    "egressCIDRs": [f"{ENVOY}/32"],
                },
                "tenants": [
                    {
                        "name": "primary",
                        "internalCIDRs": ["127.0.0.9/32"],
                        "services": [
                            {
                                "name": "web",
                                "namespace": "default",
                                "selector": {"app": "web"},
                                "ports": [{"port": 80, "targetPort": LISTEN}],
                                "backend": backend,
                                **(service or {}),
                            }
                        ],
                    }
                ],
            },
        }
    )


def told(application: HttpApplication, paths: set[str]) -> set[str | None]:
    """Whom the application was told of in the requests for *paths*."""
    return {
        request.header("X-Forwarded-For")
        for request in application.requests
        if request.path in paths
    }


SECOND = {"rollout": {"strategy": "second-service"}}
WAYS = [
    pytest.param("nginx", {}, 6, False, id="nginx-comes-by-adapter"),
    pytest.param("nginx", {}, 6, True, id="nginx-goes-by-adapter"),
    pytest.param("haproxy", {}, 6, False, id="haproxy-comes-by-adapter"),
    pytest.param("traefik", {}, 2, False, id="traefik-comes-in-place"),
    pytest.param("envoy", {}, 3, False, id="envoy-comes-in-place"),
    pytest.param("envoy", {}, 3, True, id="envoy-goes-in-place"),
    pytest.param("nginx", SECOND, 5, False, id="nginx-comes-by-second-service"),
]


@pytest.mark.parametrize(("kind", "more", "steps", "goes"), WAYS)
def test_no_request_fails_and_each_names_the_client_from_the_step_that_says_so(
    tmp_path: Path, kind: str, more: Data, steps: int, goes: bool
) -> None:
    with applications.http_application() as application, ExitStack() as stack:
        bare = fleet(kind, application.port, BARE | more)
        sees = fleet(kind, application.port, more)
        old, new = (sees, bare) if goes else (bare, sees)
        rollout = kubelb_gen.rollout(old, new)
        cluster = Cluster(tmp_path, stack)
        cluster.apply(old, first_of(old))
        seen: list[set[str | None]] = []
        with asking(cluster.fronts["web"].port) as client:
            for step in rollout:
                cluster.apply(step.fleet, step.artifacts)
                if "move-clients" in step.name:
                    back = step.name.endswith("back")
                    name = "web" if back else "web-handover"
                    client.port = cluster.fronts[name].port
                settled = client.asked(3)
                seen.append(told(application, client.asked(10) - settled))

    assert rollout.safe
    assert steps == len(rollout)
    assert {"200"} == set(client.answers.values())
    ends = [{ENVOY}, {loopback.CLIENT}]
    assert ends[not goes] == seen[-1]
    assert all(each in ends for each in seen)
    # Once it has changed, it stays so.
    assert seen == sorted(seen, key=lambda each: each != ends[goes])


def test_the_naive_flip_fails_some_requests(tmp_path: Path) -> None:
    with applications.http_application() as application, ExitStack() as stack:
        old = fleet("nginx", application.port, BARE)
        new = fleet("nginx", application.port)
        cluster = Cluster(tmp_path, stack)
        cluster.apply(old, first_of(old))
        with asking(cluster.fronts["web"].port) as client:
            client.asked(10)
            cluster.apply(new, kubelb_gen.render(new))

    assert {"200"} < set(client.answers.values())


@pytest.mark.parametrize("workload", ["Deployment", "StatefulSet"])
def test_requests_fail_where_a_step_says_that_the_only_pod_stops_first(
    tmp_path: Path, workload: str
) -> None:
    with applications.http_application() as application, ExitStack() as stack:
        named = {"kind": workload, "name": "web", "container": "traefik"}
        upstream = f"127.0.0.1:{application.port}"
        program = {"kind": "traefik", "upstream": upstream, "workload": named}
        old = fleet("traefik", 0, BARE | {"backend": program})
        step, _ = kubelb_gen.rollout(old, fleet("traefik", 0, {"backend": program}))
        told = any("new connections fail" in each for each in step.windows)
        first = workload == "StatefulSet"
        cluster = Cluster(tmp_path, stack, stops_first=first)
        cluster.apply(old, first_of(old))
        with asking(cluster.fronts["web"].port) as client:
            client.asked(10)
            cluster.apply(step.fleet, step.artifacts)

    assert told is first
    answers = set(client.answers.values())
    assert ({"200"} < answers) if told else ({"200"} == answers)


def first_of(old: Fleet) -> kubelb_gen.Artifacts:
    """What runs before the rollout."""
    return kubelb_gen.render(old)
