"""Which steps a change takes, what each says of itself, and what is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import kubelb_gen
from kubelb_gen.rollout import Breaks
from tests.support.wishes import (
    CDN,
    HAPROXY,
    IGNORED,
    NGINX,
    cilium,
    document,
    gateway,
    service,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubelb_gen.rollout import Rollout, Step
    from tests.support.wishes import Data

BARE: Data = {
    "proxyProtocol": "none",
    "clientIP": "preferred",
    "because": "a test says so",
}
ENVOY: Data = {"kind": "envoy", "mode": "tcp", "upstream": "127.0.0.1:8080"}
TRAEFIK: Data = {"kind": "traefik", "upstream": "127.0.0.1:8080"}
WEB: Data = {"kind": "haproxy", "upstream": "127.0.0.1:3000"}


def rolled(old: Data, new: Data) -> Rollout:
    return kubelb_gen.rollout(kubelb_gen.from_data(old), kubelb_gen.from_data(new))


def estate(backend: Data, more: Data | None = None, **facts: Any) -> Data:  # noqa: ANN401
    """One Service whose port has a program."""
    entry = {"backend": backend, "nodePort": 30500}
    return document(tenant={"services": [service(entry, **(more or {}))]}, **facts)


def comes(backend: Data, more: Data | None = None, **facts: Any) -> Rollout:  # noqa: ANN401
    """PROXY comes to the only Service."""
    more = more or {}
    return rolled(estate(backend, BARE | more, **facts), estate(backend, more, **facts))


def goes(backend: Data, more: Data | None = None, **facts: Any) -> Rollout:  # noqa: ANN401
    """PROXY goes from the only Service."""
    more = more or {}
    return rolled(estate(backend, more, **facts), estate(backend, BARE | more, **facts))


def names(rollout: Rollout) -> list[str]:
    return [each.name for each in rollout]


def spec_of(step: Step) -> Data:
    """The only Service in the spec of *step*."""
    ((tenant,),) = (step.fleet.tenants,)
    ports = [port for each in tenant.services for port in each.ports]
    return {"port": ports[0], "services": [each.name for each in tenant.services]}


def test_what_changes_nothing_takes_no_step() -> None:
    rollout = rolled(estate(NGINX), estate(NGINX))

    assert (0, True) == (len(rollout), rollout.safe)


def test_receivers_come_before_senders_where_proxy_comes() -> None:
    rollout = comes(TRAEFIK)

    assert ["01-prepare", "02-senders"] == names(rollout)
    assert [Breaks.ESTABLISHED, Breaks.NOTHING] == [each.breaks for each in rollout]


def test_senders_come_before_receivers_where_proxy_goes() -> None:
    assert ["01-senders", "02-receivers"] == names(goes(TRAEFIK))


def test_an_adapter_keeps_the_address_of_a_strict_program() -> None:
    rollout = comes(NGINX)
    served = [spec_of(each)["port"].adapted for each in rollout]

    assert [False, True, True, True, False, False] == served
    assert all(["web"] == spec_of(each)["services"] for each in rollout)
    assert rollout.safe


def test_a_window_is_told_from_its_first_step_to_its_last() -> None:
    (_, serve, senders, *_) = comes(NGINX)

    told = "a client can write its address itself, until step 3 has been done"
    assert [f"primary/default/web:5000/TCP from internet-ipv4: {told}"] == [
        each for each in serve.windows if "internet" in each
    ]
    assert any("while this step is being done" in each for each in senders.windows)


@pytest.mark.parametrize("roll", [comes, goes])
@pytest.mark.parametrize("backend", [NGINX, HAPROXY, TRAEFIK], ids=lambda b: b["kind"])
def test_where_identity_gates_access_a_window_is_at_the_address_left_alone(
    backend: Data, roll: Callable[..., Rollout]
) -> None:
    gates = {"rollout": {"gatesAccess": True}}
    rollout = roll(backend, gates)
    told = [
        (step.name, each)
        for step in rollout
        for each in step.windows
        if "can write its address" in each
    ]

    assert "02-move-clients" in names(rollout)
    # A reader that is new already takes the header that a client writes.
    assert ["03-senders"] == [name for name, _ in told]
    assert told[0][1].startswith("at the first address, which anybody may still call: ")
    assert any("forgeryWindow" in each for each in rollout.refused)


def test_a_reader_that_waits_for_a_header_believes_who_writes_one() -> None:
    (step,) = comes(NGINX, {"output": "patch"})

    assert step.breaks is Breaks.NEW
    assert any("can write its address itself, while" in each for each in step.windows)


def test_a_window_can_be_accepted() -> None:
    rollout = comes(
        NGINX, {"rollout": {"gatesAccess": True, "forgeryWindow": "accepted"}}
    )

    assert "02-serve" in names(rollout)


def test_a_strategy_that_the_program_has_not_is_the_least_bad_one_that_breaks() -> None:
    rollout = comes(NGINX, {"rollout": {"strategy": "in-place"}})

    assert not rollout.safe
    assert [Breaks.NEW] == [each.breaks for each in rollout]
    assert "service 'web': nginx cannot tell whether a header comes" in rollout.refused
    assert all("internet-ipv4" in each for each in rollout.steps[0].broken)


def test_a_chart_keeps_its_target_port() -> None:
    rollout = comes(NGINX, {"output": "patch"})

    assert not rollout.safe
    assert any("a chart owns the Service" in each for each in rollout.refused)


def test_an_envoy_reads_both_for_a_while() -> None:
    first, second, third = comes(ENVOY)
    accepts = [
        spec_of(each)["port"].backend.accept_proxy_protocol
        for each in (first, second, third)
    ]

    assert ["optional", "optional", None] == accepts
    path = "backends/primary/default/web.envoy.yaml"
    assert "allow_requests_without_proxy_protocol" in first.artifacts[path].text
    assert "allow_requests_without_proxy_protocol" not in third.artifacts[path].text


def test_the_header_of_a_load_balancer_waits_for_the_reader() -> None:
    annotation = "load-balancer.hetzner.cloud/uses-proxyprotocol"
    rollout = rolled(
        estate(
            TRAEFIK,
            {"clientIP": "preferred", "because": "a test says so"},
            balancer={"provider": "hetzner", "proxyProtocol": "none"},
        ),
        estate(TRAEFIK, balancer="hetzner"),
    )
    path = "tenants/primary/default/web.service.yaml"
    values = [
        re.findall(rf'{annotation}: "(\w+)"', each.artifacts[path].text)
        for each in rollout
    ]

    assert [["false"], ["true"]] == values
    # A spec need not know the UID that KubeLB names its Service by.
    shown = (
        "kubectl --context management -n tenant-primary get services "
        "-l kubelb.k8c.io/origin-ns=default,kubelb.k8c.io/origin-name=web -o jsonpath="
        r"'{.items[*].metadata.annotations.load-balancer\.hetzner\.cloud"
        "/uses-proxyprotocol}'"
    )
    *_, last = rollout
    assert (shown, "true") in last.wait


def test_an_annotation_that_vanishes_is_to_be_deleted_by_hand() -> None:
    old = estate(NGINX, {"annotations": {"example.com/size": "large"}})
    (step,) = rolled(old, estate(NGINX))

    assert any(
        each.endswith(
            "kubectl --context management -n tenant-primary annotate services -l "
            "kubelb.k8c.io/origin-ns=default,kubelb.k8c.io/origin-name=web "
            "example.com/size-"
        )
        for each in step.do
    )


def test_values_of_charts_join_those_that_run_in_the_cluster_they_are_for() -> None:
    (step,) = rolled(
        document(dataplane=cilium("snat")), document(dataplane=cilium("dsr"))
    )

    assert any(
        each.endswith(
            "helm upgrade --kube-context management cilium cilium/cilium "
            "-n kube-system --reuse-values -f management/cilium-values.yaml"
        )
        for each in step.do
    )


def test_an_edge_reads_both_while_its_balancer_is_switched() -> None:
    def behind(version: str) -> Data:
        return document(
            balancer={"provider": "linode", "proxyProtocol": version},
            tenant={"gateways": [gateway(WEB | IGNORED if version == "none" else WEB)]},
        )

    rollout = rolled(behind("none"), behind("v2"))
    policies = [
        "optional: true" in text
        for each in rollout
        for name, file in each.artifacts.items()
        if name.endswith(".clienttrafficpolicy.yaml")
        for text in [file.text]
    ]

    assert rollout.safe, [each.broken for each in rollout]
    assert [True, True, False] == policies


def test_an_ingress_nginx_cannot_read_both() -> None:
    def behind(version: str) -> Data:
        entry = gateway(WEB | IGNORED if version == "none" else WEB)
        entry["backends"][0].pop("route")
        return document(
            balancer={"provider": "linode", "proxyProtocol": version},
            management={"edges": [{"name": "nginx", "kind": "ingress-nginx"}]},
            tenant={"ingresses": [entry]},
        )

    rollout = rolled(behind("none"), behind("v2"))

    assert not rollout.safe
    assert any("the edge" in line for step in rollout for line in step.broken)


def test_another_reading_position_is_a_window_and_no_breakage() -> None:
    def behind(count: int) -> Data:
        proxies = {"count": count, "cidrs": [CDN], "onlyWayIn": True}
        fields = {"trustedProxies": proxies} if count else {}
        return document(tenant={"gateways": [gateway(WEB, **fields)]})

    (step,) = rolled(behind(0), behind(1))

    assert step.breaks is not Breaks.NEW
    assert any("while this step is being done" in each for each in step.windows)


def test_another_load_balancer_is_another_address() -> None:
    rollout = rolled(estate(NGINX), estate(NGINX, balancer="metallb-l2"))

    assert not rollout.safe
    assert any("the address moves" in each for each in rollout.steps[-1].broken)


def test_every_step_can_be_gone_back() -> None:
    for step in comes(NGINX):
        assert step.rollback


def test_the_last_step_is_the_new_spec() -> None:
    new = kubelb_gen.from_data(estate(NGINX))
    rollout = kubelb_gen.rollout(kubelb_gen.from_data(estate(NGINX, BARE)), new)

    assert new == rollout.steps[-1].fleet


def test_whoever_begins_in_the_middle_goes_on_from_there() -> None:
    whole = comes(NGINX)
    rest = kubelb_gen.rollout(whole.steps[1].fleet, kubelb_gen.from_data(estate(NGINX)))
    titles = [each.title for each in whole]

    assert titles[2:] == [each.title for each in rest]
    assert rest.safe


def test_ranges_come_after_a_guard_knows_them_and_go_before_it_forgets() -> None:
    narrow = estate(NGINX)
    wide = estate(NGINX)
    wide["spec"]["management"]["egressCIDRs"] = ["10.3.0.0/16", "10.9.0.0/16"]

    (comes_after,) = [each for step in rolled(narrow, wide) for each in step.windows]
    (goes_before,) = [each for step in rolled(wide, narrow) for each in step.windows]

    assert "from 10.9.0.0/16 are refused until this step" in comes_after
    assert "from 10.9.0.0/16 are refused from this step on" in goes_before


def test_a_program_of_the_users_is_told_what_to_listen_on() -> None:
    own: Data = {"kind": "other", "proxyProtocol": "required"}
    bare: Data = {"kind": "other", "proxyProtocol": "none"}
    rollout = rolled(estate(bare, BARE), estate(own))
    told = [each for step in rollout for each in step.do if "your program" in each]

    assert 2 == len(told)
    assert "listen on 15001, too, with a PROXY v2 header" in told[0]
    assert "close 15001" in told[1]


def test_a_program_that_takes_the_place_of_another_is_told() -> None:
    bare: Data = {"kind": "other", "proxyProtocol": "none"}
    rollout = rolled(estate(bare, BARE), estate(WEB | {"mode": "tcp"}))
    told = [each for step in rollout for each in step.do if "no longer" in each]

    assert [True] == ["let haproxy serve port" in each for each in told]
    assert told[0].endswith("and your program no longer")


def test_a_fragment_that_goes_into_another_block_is_told_both_ways() -> None:
    (step,) = rolled(estate(NGINX), estate(NGINX | {"mode": "http"}))
    told = [each for each in step.do if "inside" in each]
    back = [each for each in step.rollback if "inside" in each]

    assert told[0].endswith("inside http { }, and no longer inside stream { }")
    assert back[0].endswith("inside stream { }, and no longer inside http { }")


def test_clients_at_the_second_address_meet_nothing_at_the_first() -> None:
    bare: Data = {"kind": "other", "proxyProtocol": "none"}
    for balancer in ("metallb-bgp", "hetzner"):
        old, new = (
            estate(bare, BARE, balancer=balancer),
            estate(WEB | {"mode": "tcp"}, balancer=balancer),
        )

        assert rolled(old, new).safe


def test_a_step_that_only_deletes_says_when_to_go_on_too() -> None:
    def behind(**more: Any) -> Data:  # noqa: ANN401
        return document(
            balancer={"provider": "hetzner", **more},
            tenant={
                "gateways": [gateway(WEB | (IGNORED if more else {}))],
                "services": [service(IGNORED)],
            },
        )

    *_, last = rolled(behind(), behind(proxyProtocol="none"))

    assert any("delete -f" in each for each in last.do)
    assert last.wait


def test_a_header_that_another_program_writes_does_not_change_in_one_instant() -> None:
    backend = {"kind": "other", "proxyProtocol": "required"}
    off = {"provider": "linode", "proxyProtocol": "none"}
    wish = {"clientIP": "preferred", "because": "a test says so"}
    old = kubelb_gen.from_data(estate(backend, wish, balancer=off))
    new = kubelb_gen.from_data(estate(backend, balancer="linode"))

    assert kubelb_gen.diff(old, new).unsafe
    assert "02-move-clients" in names(kubelb_gen.rollout(old, new))


SHOP: Data = {"kind": "StatefulSet", "name": "shop", "container": "nginx"}


def test_a_workload_that_is_named_is_restarted_by_its_name_once() -> None:
    def with_proxy(more: Data) -> Data:
        program = NGINX | {"workload": SHOP}
        own = program | {"workload": SHOP | {"mountPath": "/etc/nginx/api"}}
        api = service({"backend": own, "nodePort": 30501}, name="api", **more)
        return document(
            tenant={"services": [service({"backend": program}, **more), api]}
        )

    rollout = rolled(with_proxy(BARE), with_proxy({}))
    first, *_ = rollout
    kubectl = "kubectl --context tenant-primary -n default rollout"

    (restart,) = (each for each in first.do if "kubectl" in each and "restart" in each)
    assert restart == (
        "let the pods of default/api, default/web take their configuration, where "
        f"their patch has not restarted them: {kubectl} restart statefulset/shop"
    )
    assert [f"{kubectl} status statefulset/shop"] == [
        each.command for each in first.wait if " status " in each.command
    ]
    patch = "tenants/primary/default/web.nginx.pod.patch.yaml"
    assert f"let the kustomization that has the workload take {patch}" in first.do
    assert not any(" -l app=web" in each for step in rollout for each in step.do)


def test_the_pods_of_a_route_are_restarted_where_their_workload_is_named() -> None:
    def behind(upstream: str, more: Data) -> Data:
        app = {"kind": "haproxy", "upstream": upstream, **more}
        return document(tenant={"gateways": [gateway(app)]})

    named = {"workload": SHOP | {"kind": "DaemonSet"}}
    for more, end in ((named, " rollout restart daemonset/shop"), ({}, "restart them")):
        (step,) = rolled(behind("127.0.0.1:80", more), behind("127.0.0.1:81", more))

        assert any(each.endswith(end) for each in step.do)


def both(more: Data) -> Data:
    """Two Services with a program each, one of which may go."""
    other = service(
        {"backend": NGINX | more, "nodePort": 30501}, name="api", selector={"app": "a"}
    )
    return document(
        tenant={"services": [service({"backend": NGINX, "nodePort": 30500}), other]}
    )


def test_a_configmap_that_goes_is_taken_out_of_the_pods_before_it_is_deleted() -> None:
    (step,) = rolled(both({}), estate(NGINX))
    told = " ".join(step.do)

    assert "take its configuration" not in told
    assert (
        told.index("take ConfigMap default/api-nginx out of the pods of default/api")
        < told.index("api.nginx.configmap.yaml")
        < len(told)
    )


def test_pods_that_lose_one_of_two_programs_have_nothing_else_to_take() -> None:
    two = [
        {"backend": NGINX, "nodePort": 30500},
        {"backend": WEB | {"mode": "tcp"}, "port": 5001, "nodePort": 30501},
    ]
    (step,) = rolled(
        document(tenant={"services": [service(*two)]}),
        document(tenant={"services": [service(two[0])]}),
    )
    told = " ".join(step.do)

    assert "take ConfigMap default/web-haproxy out of the pods of default/web" in told
    assert "restart" not in told


def test_a_configmap_that_goes_with_its_patch_is_deleted_after_that() -> None:
    (step,) = rolled(both({"workload": SHOP}), estate(NGINX))
    told = " ".join(step.do)

    assert "take ConfigMap" not in told
    assert "restart" not in told
    assert told.index("take tenants/primary/default/api.nginx.pod.patch") < told.index(
        "api.nginx.configmap.yaml"
    )


def test_a_configmap_that_another_program_has_by_its_name_is_not_deleted() -> None:
    own = {"configMap": {"name": "own", "key": "main.conf"}}
    (step,) = rolled(estate(NGINX | own), estate(WEB | own | {"mode": "tcp"}))

    for told in (step.do, step.rollback):
        assert any("take its configuration" in each for each in told)
        assert not any("ConfigMap" in each or "delete" in each for each in told)


def test_pods_that_a_program_leaves_are_waited_for_as_those_it_comes_to() -> None:
    def within(**more: str) -> Data:
        return estate(NGINX | {"workload": SHOP | more})

    status = "kubectl --context tenant-primary -n default rollout status"
    (moves,) = rolled(within(), within(kind="DaemonSet", name="other"))
    (mounts,) = rolled(within(), within(mountPath="/etc/nginx/web"))
    (goes,) = rolled(within(), estate(NGINX))

    assert [f"{status} statefulset/shop", f"{status} daemonset/other"] == [
        each.command for each in moves.wait
    ]
    for step in (mounts, goes):
        assert [f"{status} statefulset/shop"] == [each.command for each in step.wait]
    assert {Breaks.ESTABLISHED} == {each.breaks for each in (moves, mounts, goes)}


def test_who_names_an_envoyproxy_that_goes_is_told_before_it_is_deleted() -> None:
    def behind(*edges: str) -> Data:
        listed = [{"name": each, "kind": "envoy-gateway"} for each in edges]
        routed = gateway(WEB, edge="kept")
        return document(management={"edges": listed}, tenant={"gateways": [routed]})

    (goes,) = rolled(behind("kept", "spare"), behind("kept"))
    (comes,) = rolled(behind("kept"), behind("kept", "spare"))
    named = "EnvoyProxy envoy-gateway-system/spare out of the parametersRef"
    told = [named in each for each in goes.do]
    deleted = [" delete -f " in each for each in goes.do]

    assert told.index(True) < deleted.index(True)
    assert 1 == sum(told)
    assert not any("parametersRef" in each for each in comes.do)
    assert any(named in each for each in comes.rollback)


def test_a_patch_that_goes_is_taken_out_of_the_kustomization_that_lists_it() -> None:
    patched = estate(NGINX | {"workload": SHOP}, {"output": "patch"})
    (step,) = rolled(patched, estate(NGINX, {"output": "patch"}))
    (other,) = rolled(patched, estate(NGINX | {"workload": SHOP}))
    folder = "tenants/primary/default"

    assert (
        f"take {folder}/web.nginx.pod.patch.yaml out of the kustomization that lists it"
    ) in step.do
    assert (
        f"take {folder}/web.service.patch.yaml out of the kustomization that lists it"
    ) in other.do
    assert not any("delete -f" in each for each in (*step.do, *other.do))


@pytest.mark.parametrize("output", ["patch", "none"])
def test_a_service_that_others_write_from_now_on_is_not_deleted(output: str) -> None:
    (step,) = rolled(estate(NGINX), estate(NGINX, {"output": output}))
    (back,) = rolled(estate(NGINX, {"output": output}), estate(NGINX))

    for told in (step.do, back.rollback):
        assert "leave Service default/web as it is, and do not delete it" in told
        assert not any("web.service.yaml" in each for each in told)


@pytest.mark.parametrize(
    ("more", "pods"),
    [
        ({"workload": SHOP}, "statefulset/shop"),
        ({"workload": SHOP | {"kind": "DaemonSet"}}, "daemonset/shop"),
        ({"workload": SHOP | {"kind": "Deployment"}}, None),
        ({}, None),
    ],
    ids=["sts", "ds", "deployment", "unnamed"],
)
def test_who_stops_a_pod_before_the_next_one_starts_is_told(
    more: Data, pods: str | None
) -> None:
    rollout = comes(NGINX | more)
    told = [
        [each for each in step.windows if "new connections fail" in each]
        for step in rollout
    ]
    said = (
        f"primary/default/web: new connections fail while a pod of {pods} restarts, "
        "unless another one of the Service on its node takes them"
    )

    restarted = [each.breaks is Breaks.ESTABLISHED for each in rollout]
    assert [[said] if pods and each else [] for each in restarted] == told
    assert any(restarted)
    assert rollout.safe


def test_pods_on_every_node_are_those_of_a_daemonset_whoever_names_it() -> None:
    def within(upstream: str) -> Data:
        fields = {"everyNode": True, "externalTrafficPolicy": "Cluster"} | BARE
        return estate(NGINX | {"upstream": upstream}, fields)

    (step,) = rolled(within("127.0.0.1:80"), within("127.0.0.1:81"))

    assert (
        "primary/default/web: new connections fail while a pod of daemonset -l app=web "
        "restarts, unless another one of the Service takes them"
    ) in step.windows


def test_pods_that_a_service_comes_with_or_leaves_had_nobody_to_fail() -> None:
    one, two = estate(NGINX), both({"workload": SHOP})

    for old, new in ((one, two), (two, one)):
        (step,) = rolled(old, new)

        assert not any("new connections fail" in each for each in step.windows)


def test_pods_of_a_route_that_stop_first_are_told() -> None:
    def behind(upstream: str) -> Data:
        app = {"kind": "haproxy", "upstream": upstream, "workload": SHOP}
        return document(tenant={"gateways": [gateway(app)]})

    (step,) = rolled(behind("127.0.0.1:80"), behind("127.0.0.1:81"))

    assert any(
        each.endswith("unless another one of the Service takes them")
        for each in step.windows
    )
