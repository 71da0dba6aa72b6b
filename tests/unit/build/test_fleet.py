"""Many documents, one fleet; and what is wrong between them."""

from __future__ import annotations

import itertools

import pytest

from kubelb_gen.build import build
from kubelb_gen.diagnostics import Severity
from kubelb_gen.document import Source, Sources, parse, plain, read_sources
from kubelb_gen.errors import InvalidSpecError, LoadError
from kubelb_gen.model import EdgeKind, Version, Wish
from tests.support.specs import (
    HEAD,
    KUBELB,
    MANAGEMENT,
    NGINX,
    estate,
    fleet,
    problem,
    problems,
    service,
    sources,
    spec,
)

FIRST = spec(KUBELB + MANAGEMENT)


def tenant(name: str, more: str) -> str:
    return spec(f"tenants:\n  - name: {name}\n    {more}\n")


def services(name: str, *, port: int, default: str = "") -> str:
    return spec(
        f"{default}\ntenants:\n  - name: primary\n    services:\n"
        f"      - {{name: {name}, namespace: default, selector: {{a: b}},"
        f" backend: {NGINX}, ports: [{{port: 1, nodePort: {port}}}]}}\n"
    )


def test_tenants_merge_by_name_whatever_the_order_of_files() -> None:
    parts = [
        FIRST,
        tenant("primary", "nodes: [10.2.0.1]"),
        services("b", port=30001),
        services("a", port=30002),
    ]
    fleets = [fleet(*order) for order in itertools.permutations(parts)]

    assert all(each == fleets[0] for each in fleets)
    (only,) = fleets[0].tenants
    assert ("10.2.0.1",) == only.nodes
    assert ["a", "b"] == [each.name for each in only.services]


def test_several_documents_of_one_file_are_one_fleet() -> None:
    assert fleet(FIRST, services("a", port=30001)) == fleet(
        f"{services('a', port=30001)}---\n{FIRST}"
    )


def test_plain_data_is_a_fleet_too() -> None:
    text = service()
    (document,) = sources(text).documents

    assert fleet(text) == build(Sources([plain(document.data)]))


@pytest.mark.parametrize(
    ("message", "label", "texts"),
    [
        (
            "'spec.kubelb' is defined twice",
            "first defined at a.yaml:5",
            (FIRST, spec(KUBELB)),
        ),
        (
            "'spec.management' is defined twice",
            "first defined at a.yaml:6",
            (FIRST, spec(MANAGEMENT)),
        ),
        (
            "'nodes' of tenant 'a' is defined twice",
            "first defined at b.yaml:7",
            (FIRST, tenant("a", "nodes: [a]"), tenant("a", "nodes: [a]")),
        ),
        (
            "service 'default/a' is defined twice",
            "first defined at b.yaml:9",
            (FIRST, services("a", port=30001), services("a", port=30002)),
        ),
        (
            "nodePort 30001/TCP is used twice in tenant 'primary'",
            "first used at b.yaml:9",
            (FIRST, services("a", port=30001), services("b", port=30001)),
        ),
        (
            "the set 'x' is defined twice",
            "first defined at b.yaml:5",
            (
                FIRST,
                spec("cidrSets: {x: [10.0.0.0/8]}\n"),
                spec("cidrSets: {x: [10.0.0.0/8]}\n"),
            ),
        ),
        (
            "this document belongs to 'other', others to 'acme'",
            "first set at a.yaml:3",
            (FIRST, spec("tenants: []\n", HEAD.replace("acme", "other"))),
        ),
    ],
)
def test_what_is_defined_twice_names_both_places(
    message: str, label: str, texts: tuple[str, ...]
) -> None:
    found = problem(*texts)

    assert (message, label) == (found.message, found.label)


def test_within_one_file_the_first_place_is_a_line() -> None:
    found = problem(f"{FIRST}---\n{spec(KUBELB)}")

    assert "first defined on line 5" == found.label


@pytest.mark.parametrize(
    ("field", "body"), [("management", KUBELB), ("kubelb", MANAGEMENT)]
)
def test_one_document_must_bring_each(field: str, body: str) -> None:
    found = problem(spec(body))

    assert f"'{field}' is missing: no document of this fleet has it under 'spec'" == (
        found.message
    )


def test_defaults_apply_to_their_own_document_and_a_tenants_come_first() -> None:
    default = "defaults: {everyNode: true, callers: [cluster]}"
    near = services("a", port=30001, default=default).replace(
        "- name: primary", "- name: primary\n      defaults: {callers: [internet]}"
    )
    (only,) = fleet(FIRST, near, services("b", port=30002)).tenants

    assert [(True, ("internet",)), (False, ("internet",))] == [
        (each.every_node, each.callers) for each in only.services
    ]


def test_objects_in_defaults_are_replaced_whole() -> None:
    text = service(tenant="defaults: {labels: {a: x, b: y}}", more="labels: {a: z}")

    assert {"a": "z"} == fleet(text).tenants[0].services[0].labels


def test_a_profile_comes_before_defaults_and_after_own_values() -> None:
    text = (
        service(more="profile: web\neveryNode: false")
        + "  defaults: {output: none, sessionAffinity: ClientIP}\n"
        + "  profiles: {web: {everyNode: true, output: patch}}\n"
    )
    (only,) = fleet(text).tenants[0].services

    assert (False, "patch", "ClientIP") == (
        only.every_node,
        only.output,
        only.session_affinity,
    )


def test_an_unknown_profile_is_told() -> None:
    text = service(more="profile: wbe") + "  profiles: {web: {}}\n"

    assert "did you mean 'web'?" == problem(text).hint


@pytest.mark.parametrize("wish", ["ignored", "preferred"])
def test_a_lesser_wish_needs_a_reason_from_anywhere(wish: str) -> None:
    bare = service(ports=f"{{port: 1, clientIP: {wish}}}")
    told = service(ports=f"{{port: 1, clientIP: {wish}}}", more="because: logs only")

    assert f"'because' is missing: 'clientIP: {wish}' needs a reason" == (
        problem(bare).message
    )
    (port,) = fleet(told).tenants[0].services[0].ports
    assert (Wish(wish), "logs only") == (port.client_ip, port.because)


def test_the_default_wish_is_required_and_carries_no_reason() -> None:
    (port,) = fleet(service(more="because: unused")).tenants[0].services[0].ports

    assert (Wish.REQUIRED, None) == (port.client_ip, port.because)


def test_a_backend_may_be_absent_only_where_the_client_is_ignored() -> None:
    ignored = "{port: 1, clientIP: ignored, because: none listens}"
    preferred = "{port: 1, clientIP: preferred, because: nice to have}"

    assert () == problems(service(ports=ignored, backend=""))
    assert "'backend' is missing for port 1/TCP" == (
        problem(service(ports=preferred, backend="")).message
    )


def test_sets_are_expanded_where_they_are_used() -> None:
    text = estate(
        "- {name: a, internalCIDRs: [$cdn, 10.2.0.0/16, $cdn]}",
        more="cidrSets: {cdn: [173.245.48.0/20, '2001:db8::/32']}\n",
    )

    assert ["173.245.48.0/20", "2001:db8::/32", "10.2.0.0/16"] == [
        str(each) for each in fleet(text).tenants[0].internal_cidrs
    ]


@pytest.mark.parametrize(
    ("name", "hint", "cidr"),
    [
        (
            "host-bits",
            "the network is 10.2.0.0/16, the host is 10.2.0.1/32",
            "10.2.0.1/16",
        ),
        ("unknown-reference", "did you mean 'cloudflare'?", "$cloudfare"),
        ("malformed", None, "10.2.0.0/33"),
        ("malformed", None, "10.2/16"),
        ("malformed", "write 10.3.0.0/16", "::ffff:10.3.0.0/112"),
        ("malformed", "write 0.0.0.0/0", "::ffff:0:0/96"),
        (
            "trusts-everybody",
            "name the ranges of the proxies or nodes that connect",
            "0.0.0.0/0",
        ),
        (
            "trusts-everybody",
            "name the ranges of the proxies or nodes that connect",
            "::/0",
        ),
    ],
)
def test_a_range_must_be_one_that_can_be_trusted(
    name: str, hint: str | None, cidr: str
) -> None:
    text = estate(
        f"- {{name: a, internalCIDRs: ['{cidr}']}}",
        more="cidrSets: {cloudflare: [173.245.48.0/20]}\n",
    )

    found = problem(text)

    assert (name, hint) == (found.id, found.hint)
    assert "spec.tenants[0].internalCIDRs[0]" == str(found.at)


def test_a_bad_set_is_told_once_and_where_it_is_defined() -> None:
    text = estate(
        "- {name: a, internalCIDRs: [$x], egressCIDRs: [$x]}",
        more="cidrSets: {x: [0.0.0.0/0]}\n",
    )

    assert "spec.cidrSets.x[0]" == str(problem(text).at)


def test_native_routing_ranges_are_of_their_family() -> None:
    cilium = (
        "{version: '1.20', mode: dsr, routing: native, podRoutes: bgp,"
        " nativeRoutingCIDR: '2001:db8::/32', ipv6NativeRoutingCIDR: 10.0.0.0/8}"
    )
    text = estate(f"- {{name: a, dataplane: {{cilium: {cilium}}}}}")

    assert ["wrong-family", "wrong-family"] == [each.id for each in problems(text)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"1.4.3"', '"1.6"', "KubeLB 1.6 is newer than 1.5, the newest that is known"),
        ('"1.4.3"', '"2.0"', "KubeLB 2.0 is newer than 1.5, the newest that is known"),
    ],
)
def test_a_version_newer_than_known_is_a_warning(
    old: str, new: str, message: str
) -> None:
    text = service().replace(old, new)
    found = problem(text)

    assert (message, Severity.WARNING) == (found.message, found.severity)


def test_a_short_version_is_the_first_of_its_line() -> None:
    assert Version(1, 4, 0) == fleet(service().replace("1.4.3", "1.4")).kubelb.version


@pytest.mark.parametrize(
    ("hint", "tenants", "management"),
    [
        (
            "did you mean 'metal'?",
            "- {name: a, loadBalancer: metall}",
            "{loadBalancers: {metal: {class: vip}}}",
        ),
        (
            "did you mean 'metal'?",
            "",
            (
                "{loadBalancers: {metal: {class: vip}},"
                " edges: [{name: e, loadBalancer: meta}]}"
            ),
        ),
        (
            "loadBalancers: metal",
            "",
            "{loadBalancers: {metal: {class: vip}}, edges: [{name: e}]}",
        ),
        (
            "did you mean 'eg'?",
            "- {name: a, gateways: [{name: g, namespace: n, edge: egg}]}",
            "{loadBalancer: {class: vip}, edges: [{name: eg}]}",
        ),
        (
            "edges: a, b",
            "- {name: a, gateways: [{name: g, namespace: n}]}",
            "{loadBalancer: {class: vip}, edges: [{name: a}, {name: b}]}",
        ),
        (
            "add one to management.edges",
            "- {name: a, ingresses: [{name: g, namespace: n}]}",
            "{loadBalancer: {class: vip}}",
        ),
        (
            "envoy-gateway edges: none is defined",
            "- {name: a, gateways: [{name: g, namespace: n, edge: n}]}",
            "{loadBalancer: {class: vip}, edges: [{name: n, kind: ingress-nginx}]}",
        ),
    ],
)
def test_a_name_must_lead_somewhere(hint: str, tenants: str, management: str) -> None:
    found = problem(estate(tenants, management=f"management: {management}\n"))

    assert ("unknown-reference", hint) == (found.id, found.hint)


def test_without_edges_there_is_an_envoy_gateway_on_the_default_balancer() -> None:
    text = estate("- {name: a, gateways: [{name: g, namespace: n}]}")
    whole = fleet(text)

    (edge,) = whole.management.edges
    assert ("default", EdgeKind.ENVOY_GATEWAY, "default") == (
        edge.name,
        edge.kind,
        edge.load_balancer,
    )
    assert "default" == whole.tenants[0].gateways[0].edge


def test_a_gateway_takes_the_only_edge_of_its_kind() -> None:
    edges = "[{name: eg}, {name: nginx, kind: ingress-nginx}]"
    text = estate(
        "- {name: a, gateways: [{name: g, namespace: n}],"
        " ingresses: [{name: i, namespace: n}]}",
        management=f"management: {{loadBalancer: {{class: vip}}, edges: {edges}}}\n",
    )

    assert ["eg", "nginx"] == [each.edge for each in fleet(text).tenants[0].gateways]


def test_the_short_form_and_a_default_are_the_same_thing_twice() -> None:
    text = estate(
        management="management:\n  loadBalancer: {class: vip}\n"
        "  loadBalancers: {default: {class: vip}}\n"
    )

    assert "the load balancer 'default' is defined twice" == problem(text).message


def test_a_header_that_the_provider_cannot_send_is_told() -> None:
    found = problem(
        estate(
            management="management:\n"
            "  loadBalancer: {provider: metallb-bgp, proxyProtocol: v2}\n"
        )
    )

    assert ("proxy-not-offered", "it sends no PROXY header") == (found.id, found.label)


def test_a_suppression_of_an_unknown_tenant_is_told() -> None:
    text = service() + "  suppress: [{rule: x, reason: y, tenant: primry}]\n"

    assert "did you mean 'primary'?" == problem(text).hint


def test_all_problems_of_all_files_come_in_one_run_and_in_order() -> None:
    broken = "a: [\n"
    unfit = spec("tenants: [{nam: a}]\n")
    clash = service(
        ports="{name: a, port: 1, nodePort: 30001}\n{name: b, port: 1, nodePort: 30001}"
    )

    assert [
        ("a.yaml", "yaml-syntax"),
        ("b.yaml", "missing-field"),
        ("b.yaml", "unknown-field"),
        ("c.yaml", "port-in-use"),
        ("c.yaml", "port-in-use"),
    ] == [
        (each.location.source, each.id)
        for each in problems(broken, unfit, clash)
        if each.location
    ]


def test_what_a_broken_file_may_hold_is_not_missed() -> None:
    assert ["yaml-syntax"] == [
        each.id for each in problems("a: [\n", tenant("a", "loadBalancer: metal"))
    ]


def test_no_document_at_all_is_a_load_error() -> None:
    found = Source("f.yaml", "a: 1", explicit=False)

    with pytest.raises(LoadError, match="no document of kind ClientIPSpec"):
        build(Sources([parse(found)]))


def test_the_error_says_all_in_one_paragraph() -> None:
    with pytest.raises(InvalidSpecError) as caught:
        fleet(spec(KUBELB, HEAD))

    assert (
        "a.yaml:5:3: 'management' is missing: no document of this fleet has it under"
        " 'spec' [missing-field]"
    ) == str(caught.value)
    assert 3 == caught.value.exit_code


def test_a_folder_is_a_fleet_whatever_else_it_holds(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("specs")
    (folder / "a.yaml").write_text(FIRST)
    (folder / "b.yaml").write_text(services("a", port=30001))
    (folder / "kustomization.yaml").write_text("kind: Kustomization\n")

    assert fleet(FIRST, services("a", port=30001)) == build(
        Sources(map(parse, read_sources([folder])))
    )


@pytest.mark.parametrize(
    ("message", "management"),
    [
        ("'loadBalancer' is missing in 'management'", "{egressCIDRs: []}"),
        (
            "the edge 'e' is defined twice",
            "{loadBalancer: {class: vip}, edges: [{name: e}, {name: e}]}",
        ),
    ],
)
def test_management_is_whole_and_names_each_thing_once(
    message: str, management: str
) -> None:
    text = estate(management=f"management: {management}\n")

    assert message == problem(text).message


def test_a_tenant_without_a_load_balancer_needs_a_default_one() -> None:
    text = service().replace(
        "loadBalancer: {provider: metallb-bgp}",
        "loadBalancers: {metal: {class: vip}}",
    )

    assert "tenant 'primary' names no loadBalancer, and none is called 'default'" == (
        problem(text).message
    )


def test_labels_of_the_spec_may_not_differ_between_documents() -> None:
    heads = [HEAD.replace("acme", f"acme, labels: {{a: {each}}}") for each in "xy"]
    found = problem(
        spec(KUBELB + MANAGEMENT, heads[0]), spec("tenants: []\n", heads[1])
    )

    assert ("'metadata.labels' differs", "first set at a.yaml:3") == (
        found.message,
        found.label,
    )


def test_plain_data_is_told_by_its_paths() -> None:
    text = f"{FIRST}---\n{spec(KUBELB)}"
    parsed = [
        plain(each.data, f"<data {number}>")
        for number, each in enumerate(sources(text).documents)
    ]

    with pytest.raises(InvalidSpecError) as caught:
        build(Sources(parsed))

    assert (
        "<data 1>: spec.kubelb: 'spec.kubelb' is defined twice [defined-twice]"
    ) == str(caught.value)
    assert "first defined at spec.kubelb" == caught.value.diagnostics[0].label


def test_an_edge_that_nobody_wrote_is_nowhere_in_the_text() -> None:
    (edge,) = fleet(FIRST).management.edges

    assert edge.at is None


@pytest.mark.parametrize(("version", "warned"), [("1.1.9", True), ("1.2", False)])
def test_a_kubelb_older_than_the_facts_is_a_warning(version: str, warned: bool) -> None:
    found = fleet(FIRST.replace("1.4.3", version)).warnings

    assert warned == ("older-than-known" in [each.id for each in found])
