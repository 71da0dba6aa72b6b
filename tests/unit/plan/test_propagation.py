"""Expected values: PropagateAnnotations and GetAnnotations of kubelb v1.4.3, read."""

from __future__ import annotations

import pytest

from kubelb_gen.catalogue import provider, provider_names
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.plan.propagation import (
    decide_propagation,
    flows,
    joined,
    reaching,
    with_propagation,
)
from tests.support.objects import balancer, kubelb
from tests.support.wishes import NGINX, fleet_of, service

HETZNER = "load-balancer.hetzner.cloud/uses-proxyprotocol"
ON = balancer("hetzner", annotations={HETZNER: "true"})
OFF = balancer("hetzner", annotations={HETZNER: "false"})


@pytest.mark.parametrize(
    ("values", "arrives"),
    [
        pytest.param("", True, id="empty means any"),
        pytest.param("v2", True, id="the value"),
        pytest.param("v1, v2", True, id="entries are trimmed"),
        pytest.param("V2", False, id="case counts"),
        pytest.param("v22", False, id="no prefixes"),
        pytest.param("*", False, id="no patterns in values"),
    ],
)
def test_annotation_flows_when_its_value_is_listed(values: str, arrives: bool) -> None:
    expected = {"a/pp": "v2"} if arrives else {}

    assert expected == flows({"a/pp": "v2"}, {"a/pp": values})


def test_key_that_is_not_listed_stays_behind() -> None:
    assert {} == flows({"a/pp": "v2"}, {"a/*": "", "A/PP": ""})


def test_empty_value_flows_where_the_list_has_an_empty_entry() -> None:
    assert {"a/pp": ""} == flows({"a/pp": ""}, {"a/pp": ",proxy-protocol"})


def test_nothing_reaches_the_envoy_service_by_default() -> None:
    assert {} == reaching({"a/pp": "v2"}, kubelb(), None)


def test_config_that_propagates_all_needs_no_patch() -> None:
    config = kubelb(propagate_all_annotations=True)

    assert {"a/b": "c"} == reaching({"a/b": "c"}, config, None)
    assert decide_propagation(config, [ON]) is None


def test_list_of_the_tenant_replaces_that_of_config() -> None:
    config = kubelb(propagated_annotations={"a/b": ""})

    assert {"a/c": "2"} == reaching({"a/b": "1", "a/c": "2"}, config, {"a/c": ""})


@pytest.mark.parametrize("values", ["", "true", "false, true"])
def test_nothing_is_patched_that_config_lets_through(values: str) -> None:
    config = kubelb(propagated_annotations={HETZNER: values})

    assert decide_propagation(config, [ON]) is None


def test_tenant_without_balancer_annotations_needs_no_patch() -> None:
    assert decide_propagation(kubelb(), [balancer()]) is None


@pytest.mark.parametrize("used", [ON, OFF])
def test_patch_lets_both_on_and_off_through(used: object) -> None:
    assert {HETZNER: "false,true"} == decide_propagation(kubelb(), [used])  # type: ignore[list-item]


def test_patch_keeps_what_config_lets_through() -> None:
    config = kubelb(propagated_annotations={"z/size": "S,L", "a/any": "", HETZNER: "x"})

    patch = decide_propagation(config, [ON])

    assert {"a/any": "", HETZNER: "false,true,x", "z/size": "S,L"} == patch
    assert patch is not None
    assert ["a/any", HETZNER, "z/size"] == list(patch)


def test_value_with_a_comma_fits_no_list_so_any_is_let_through() -> None:
    key = "service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v2"
    scaleway = balancer("scaleway", annotations={key: "80,443"})

    assert {key: ""} == decide_propagation(kubelb(), [scaleway])


def test_patch_lets_both_values_of_a_port_through() -> None:
    key = "service.beta.kubernetes.io/linode-loadbalancer-port-22"
    linode = balancer("linode", annotations={key: '{"proxy-protocol":"none"}'})

    patch = decide_propagation(kubelb(), [linode])

    on = ",".join(f'{{"proxy-protocol":"{each}"}}' for each in ("none", "v1", "v2"))
    assert {key: on} == patch


def test_a_version_at_the_end_of_a_key_is_no_port() -> None:
    key = "service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v2"
    scaleway = balancer("scaleway", annotations={key: "true"})

    assert {key: "false,true"} == decide_propagation(kubelb(), [scaleway])


def test_value_with_an_outer_space_fits_no_list_either() -> None:
    padded = balancer("hetzner", annotations={"a/b": " true"})

    assert {"a/b": ""} == decide_propagation(kubelb(), [padded])


def test_every_annotation_arrives_once_the_patch_is_applied() -> None:
    octavia = "loadbalancer.openstack.org/proxy-protocol"
    used = [balancer("octavia-amphora", annotations={octavia: "v1"}), ON, OFF]
    config = kubelb(propagated_annotations={octavia: "v2"})

    patch = decide_propagation(config, used)

    assert {octavia: "false,v1,v2", HETZNER: "false,true"} == patch
    for each in used:
        assert each.annotations == reaching(each.annotations, config, patch)


@pytest.mark.parametrize(
    ("lists", "together"),
    [
        pytest.param([], None, id="no part"),
        pytest.param([None, None], None, id="Config does for all"),
        pytest.param([None, {"a/b": "x"}], {"a/b": "x"}, id="Config does for one"),
        pytest.param([{"a/b": "x , y"}] * 2, {"a/b": "x , y"}, id="as Config has it"),
        pytest.param([{"a/b": "x , y"}, {"a/b": "v,x,y"}], {"a/b": "v,x,y"}, id="more"),
        pytest.param([{"a/b": ""}, {"a/b": "x"}], {"a/b": ""}, id="any stays any"),
        pytest.param([{"a/b": ",x"}, {"a/b": "y"}], {"a/b": ",x,y"}, id="empty entry"),
    ],
)
def test_lists_of_parts_are_joined(lists: list[object], together: object) -> None:
    assert together == joined(lists)  # type: ignore[arg-type]


def test_a_joined_list_is_in_the_order_of_keys() -> None:
    both = joined([{"b/b": ""}, {"a/a": "", "b/b": ""}])

    assert ["a/a", "b/b"] == list(both or ())


def test_a_catalogue_value_is_not_taken_for_any_in_a_list() -> None:
    # An empty text means any: beside an empty value another one has to be listed.
    for name in provider_names():
        support = provider(name).proxy
        switches = (*support.enable.values(), support.disable) if support else ()
        empty = {key for each in switches for key, value in each.items() if not value}
        for key in empty:
            used = balancer(name, annotations={key: ""})

            assert "" not in (decide_propagation(kubelb(), [used]) or {}).values()


def test_a_part_gets_the_list_of_the_whole() -> None:
    plan = make_plan(fleet_of(service({"backend": NGINX})))

    changed = with_propagation(plan, {"primary": {"a/b": ""}, "secondary": None})

    assert [{"a/b": ""}] == [each.propagated for each in changed.tenants]
    assert plan == with_propagation(changed, {"primary": None})
    assert changed == with_propagation(changed, {})
