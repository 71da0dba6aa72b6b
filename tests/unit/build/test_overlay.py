"""What differs by environment, laid over a spec."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.api import check
from kubelb_gen.build import build
from kubelb_gen.build.overlay import overlaid
from kubelb_gen.document import Source, Sources, parse
from kubelb_gen.errors import SpecError
from kubelb_gen.report.text import draw
from tests.support.specs import spec

if TYPE_CHECKING:
    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.model import Fleet

BASE = spec("""\
kubelb: {version: "1.4.3", edition: EE}
cidrSets:
  cdn: [192.0.2.0/24]
management:
  loadBalancer: {provider: metallb-bgp}
  egressCIDRs: [10.3.0.0/16]
  edges:
    - {name: eg}
tenants:
  - name: primary
    nodes: [10.2.0.21]
    services:
      - name: web
        namespace: shop
        selector: {app: web}
        backend: {kind: nginx, mode: http, upstream: "127.0.0.1:80"}
        ports:
          - {port: 80, targetPort: 8080, nodePort: 30080}
          - {name: dns, port: 53, protocol: UDP, clientIP: ignored, because: a test}
      - name: web
        namespace: blog
        selector: {app: blog}
        backend: {kind: haproxy, mode: http, upstream: "127.0.0.1:80"}
        ports: [{name: http, port: 80, nodePort: 30081}]
    gateways:
      - name: kubelb
        namespace: shop
        backends:
          - {name: app, port: 80, kind: caddy, upstream: "127.0.0.1:80",
             route: {kind: HTTPRoute, name: app}}
""")
HEAD = (
    "apiVersion: kubelb-gen/v1alpha1\nkind: ClientIPOverlay\nmetadata: {name: acme}\n"
)


def laid(*overlays: str, base: str = BASE) -> Sources:
    names = ("base.yaml", *(f"{number}.yaml" for number in range(1, 9)))
    texts = [base, *(f"{HEAD}spec:\n{indent(each, '  ')}" for each in overlays)]
    parsed = [
        parse(Source(name, text)) for name, text in zip(names, texts, strict=False)
    ]
    return overlaid(Sources(parsed[:1], parsed[1:]))


def fleet(*overlays: str) -> Fleet:
    return build(laid(*overlays))


def problems(*overlays: str) -> tuple[Diagnostic, ...]:
    try:
        return fleet(*overlays).warnings
    except SpecError as error:
        return error.diagnostics


def problem(*overlays: str) -> Diagnostic:
    (only,) = problems(*overlays)
    return only


def service(text: str) -> str:
    return f"tenants: [{{name: primary, services: [{{name: web, {text}}}]}}]"


def test_maps_merge_and_lists_are_replaced() -> None:
    changed = fleet("management: {egressCIDRs: [10.7.0.0/16, $cdn]}")

    assert ["10.7.0.0/16", "192.0.2.0/24"] == [
        str(each) for each in changed.management.egress_cidrs
    ]
    assert "metallb-bgp" == changed.management.load_balancers[0].provider.name


def test_null_deletes() -> None:
    assert "CE" == fleet("kubelb: {edition: null}").kubelb.edition
    assert () == fleet("tenants: [{name: primary, nodes: null}]").tenants[0].nodes


def test_names_that_a_map_holds_may_be_added() -> None:
    changed = fleet("management: {loadBalancers: {l7: {class: vip}}}")

    assert ["default", "l7"] == [
        each.name for each in changed.management.load_balancers
    ]


@pytest.mark.parametrize(
    "port",
    [
        "{port: 80, nodePort: 30090}",
        "{port: 80, protocol: TCP, nodePort: 30090}",
        # KubeLB's own name of it.
        "{name: 80-tcp, nodePort: 30090}",
    ],
)
def test_a_port_is_called_by_name_or_by_number(port: str) -> None:
    changed = fleet(service(f"namespace: shop, ports: [{port}]"))
    (_, shop) = changed.tenants[0].services

    assert [30090, None] == [each.node_port for each in shop.ports]
    assert ["80-tcp", "dns"] == [each.name for each in shop.ports]


def test_a_port_called_by_name_may_get_another_number() -> None:
    changed = fleet(service("namespace: shop, ports: [{name: dns, port: 5353}]"))

    assert [80, 5353] == [each.port for each in changed.tenants[0].services[1].ports]


def test_backends_have_the_namespace_of_their_gateway() -> None:
    backends = "backends: [{name: app, namespace: shop, port: 8080}]"
    changed = fleet(
        f"tenants: [{{name: primary, gateways: [{{name: kubelb, {backends}}}]}}]"
    )

    assert 8080 == changed.tenants[0].gateways[0].backends[0].port


def test_a_later_overlay_wins() -> None:
    changed = fleet("kubelb: {version: '1.3.2'}", "kubelb: {version: '1.5'}")

    assert 5 == changed.kubelb.version.minor


def test_an_alias_of_yaml_is_changed_in_one_place() -> None:
    base = BASE.replace("backend: {kind: nginx", "backend: &b {kind: nginx").replace(
        'backend: {kind: haproxy, mode: http, upstream: "127.0.0.1:80"}', "backend: *b"
    )
    overlay = service("namespace: shop, backend: {mode: stream}")
    blog, shop = build(laid(overlay, base=base)).tenants[0].services

    assert "http" == getattr(blog.ports[0].backend, "mode", None)
    assert "stream" == getattr(shop.ports[0].backend, "mode", None)


@pytest.mark.parametrize(
    ("overlay", "message", "hint"),
    [
        (
            "tenants: [{name: primry}]",
            "there is no tenant 'primry' that this could be laid over",
            "did you mean 'primary'?",
        ),
        (
            "tenants: [{name: primary, services: [{name: w, namespace: shop}]}]",
            "there is no service 'shop/w' that this could be laid over",
            "did you mean 'shop/web'?",
        ),
        (
            service("ports: []"),
            "service 'web' stands in several namespaces",
            "add the namespace: blog/web, shop/web",
        ),
        (
            service("namespace: blog, ports: [{port: 81}]"),
            "there is no port '81/TCP' that this could be laid over",
            "an overlay adds none; ports: http",
        ),
        (
            "management: {edges: [{name: nginx}]}",
            "there is no edge 'nginx' that this could be laid over",
            "an overlay adds none; edges: eg",
        ),
        (
            "tenants: [{name: primary, ingresses: [{name: i}]}]",
            "there is no ingress 'i' that this could be laid over",
            "an overlay adds none; ingresses: none",
        ),
    ],
)
def test_what_matches_nothing_is_told_with_what_there_is(
    overlay: str, message: str, hint: str
) -> None:
    found = problem(overlay)

    assert (message, hint) == (found.message, found.hint)
    assert found.location is not None
    assert "1.yaml" == found.location.source


@pytest.mark.parametrize(
    ("overlay", "ids"),
    [
        ("tenants: [{name: primary}, {name: primary}]", ["repeated-item"]),
        ("tenants: [{nodes: [a]}]", ["missing-field"]),
        (service("namespace: blog, ports: [{nodePort: 30090}]"), ["missing-field"]),
        ("tenants: [{name: null}]", ["missing-field"]),
        ("tenants: [{name: [1]}]", ["wrong-type"]),
        (service("namespace: blog, ports: [{port: null}]"), ["missing-field"]),
        (service("namespace: blog, ports: [{port: [1]}]"), ["wrong-type"]),
        ("tenants: {}", ["wrong-type"]),
        ("tenants: [primary]", ["wrong-type"]),
        ("tenants: null", []),
        ("edges: []", ["unknown-field"]),
        ("management: {loadBalancer: {proxyProtocol: v9}}", ["not-one-of"]),
        ("kubelb: 5", ["wrong-type"]),
        ("management: null", ["missing-field"]),
        ("cidrSets: {cnd: null}", ["nothing-to-delete"]),
        ("defaults: {labels: {a: b}}", []),
    ],
)
def test_an_overlay_is_told_of_once(overlay: str, ids: list[str]) -> None:
    assert ids == [each.id for each in problems(overlay)]


def test_an_overlay_names_its_spec() -> None:
    base = BASE.replace("name: acme", "name: other")
    found = laid("kubelb: {edition: CE}", base=base).diagnostics

    assert ["this overlay is for 'acme', the spec is 'other'"] == [
        each.message for each in found
    ]


def test_a_diagnostic_points_into_the_overlay_and_names_what_it_overrides() -> None:
    overlay = """\
tenants:
- name: primary
  services:
    - {name: web, namespace: shop,
       ports: [
          {port: 80, nodePort: 70000}]}
"""
    found = problem(overlay)

    assert found.location is not None
    assert ("1.yaml", 10) == (found.location.source, found.location.line)
    assert found.overrides is not None
    assert ("base.yaml", 22) == (found.overrides.source, found.overrides.line)
    assert "^^^^^ from 1 to 65535, overrides base.yaml:22" in draw(found)
    assert "1.yaml:10:34  at spec.tenants[0].services[0].ports[0].nodePort" in draw(
        found
    )


def test_what_a_null_takes_away_is_missed_where_it_stands() -> None:
    found = problem("kubelb: {version: null}")

    assert found.location is not None
    assert ("1.yaml", 5) == (found.location.source, found.location.line)
    assert "^^^^ without 'version', overrides base.yaml:5" in draw(found)


def test_an_overlay_may_override_an_overlay() -> None:
    found = problem("kubelb: {version: '1.3'}", "kubelb: {version: '1'}")

    assert "overrides 1.yaml:5" in draw(found)


def test_what_is_new_overrides_nothing() -> None:
    found = problem("management: {podCIDRs: [10.1.0.1/16]}")

    assert None is found.overrides
    assert "host-bits" == found.id


def test_findings_of_rules_point_into_the_overlay_too() -> None:
    overlay = service("namespace: shop, proxyProtocol: none, selector: {a: $b}")
    sources = laid("management: {egressCIDRs: [10.0.0.0/8]}", overlay.replace("$", ""))
    built = build(sources)
    told = sources.placed(check(built).findings)

    assert {"base.yaml"} >= {each.location.source for each in told if each.location} - {
        "1.yaml",
        "2.yaml",
    }


def test_two_places_in_two_files_are_both_named() -> None:
    found = problem(service("namespace: shop, ports: [{port: 80, nodePort: 30081}]"))

    assert "port-in-use" == found.id
    assert found.location is not None
    assert "base.yaml" == found.location.source
    assert "first used at 1.yaml:5" == found.label


MANAGEMENT = """\
apiVersion: kubelb-gen/v1alpha1
kind: ManagementSpec
metadata: {name: acme}
spec:
  kubelb: {version: "1.4.3"}
  management: {loadBalancer: {provider: metallb-bgp}, egressCIDRs: [10.3.0.0/16]}
  tenants: [{name: primary, egressCIDRs: [10.4.0.0/16]}]
"""
TENANT = """\
apiVersion: kubelb-gen/v1alpha1
kind: TenantSpec
metadata: {name: acme}
spec:
  tenants: [{name: primary, internalCIDRs: [10.2.0.0/16]}]
"""


def of_owners(overlay: str, *bases: str) -> Sources:
    parsed = [parse(Source(f"{number}", text)) for number, text in enumerate(bases)]
    text = f"{HEAD}spec:\n{indent(overlay, '  ')}"
    return overlaid(Sources(parsed, [parse(Source("o.yaml", text))]))


@pytest.mark.parametrize("bases", [(MANAGEMENT, TENANT), (TENANT, MANAGEMENT)])
def test_what_is_new_goes_to_the_owner_who_may_say_it(bases: tuple[str, ...]) -> None:
    tenant = "{name: primary, nodes: [a], egressCIDRs: [10.5.0.0/16], defaults: {}}"
    overlay = f"cidrSets: {{cdn: [192.0.2.0/24]}}\nsuppress: []\ntenants: [{tenant}]"
    built = build(of_owners(overlay, *bases))

    assert ("a",) == built.tenants[0].nodes
    assert "10.5.0.0/16" == str((built.tenants[0].egress_cidrs or ("",))[0])


def test_a_list_that_several_documents_hold_is_replaced_as_one() -> None:
    rest = (
        "".join(BASE.partition("spec:")[:1])
        + "spec:\n  suppress: [{rule: b, reason: c}]"
    )
    base = BASE + "  suppress: [{rule: a, reason: b}]\n"
    built = build(of_owners("suppress: [{rule: x, reason: y}]", base, rest))

    assert ["x"] == [each.rule for each in built.suppressions]


def test_what_is_no_item_is_told_as_before() -> None:
    base = MANAGEMENT.replace("[{name: primary,", "[5, {name: primary,")
    with pytest.raises(SpecError) as refusal:
        build(of_owners("tenants: [{name: primary, nodes: [a]}]", base, TENANT))

    assert ["wrong-type"] == [each.id for each in refusal.value.diagnostics]


def test_defaults_that_no_document_may_have_are_told() -> None:
    with pytest.raises(SpecError) as refusal:
        build(of_owners("defaults: {labels: {a: b}}", MANAGEMENT, TENANT))
    (found,) = refusal.value.diagnostics

    assert "misplaced-field" == found.id
    assert found.location is not None
    assert "o.yaml" == found.location.source


def test_a_base_that_is_none_is_told_beside_its_overlay() -> None:
    base = "apiVersion: kubelb-gen/v1alpha1\nkind: ClientIPSpec\nspec: 5\n"
    with pytest.raises(SpecError) as refusal:
        build(of_owners("suppress: 5\nkubelb: 5\ntenants: []", base))

    assert {"wrong-type", "missing-field"} == {
        each.id for each in refusal.value.diagnostics
    }


def test_an_unread_overlay_is_told_with_the_spec() -> None:
    text = "apiVersion: kubelb-gen/v1alpha1\nkind: ClientIPSpec\n"
    sources = Sources([parse(Source("a", BASE))], [parse(Source("b", text))])

    assert ["misplaced-kind"] == [each.id for each in overlaid(sources).diagnostics]


def test_what_a_rule_of_the_model_misses_is_told_where_it_was_deleted() -> None:
    found = problem(service("namespace: shop, selector: null"))

    assert "'selector' is missing in service 'web'" == found.message
    assert "^^^^ overrides base.yaml:19" in draw(found)


def test_a_range_that_a_check_misses_is_told_where_it_was_deleted() -> None:
    sources = laid("management: {egressCIDRs: null}")

    told = sources.placed(check(build(sources)).errors)

    assert any("^^^^ overrides base.yaml:10" in draw(each) for each in told)


def test_what_others_make_of_an_edge_may_differ_by_environment() -> None:
    management = BASE.replace("kind: ClientIPSpec", "kind: ManagementSpec")
    management = management.partition("    nodes:")[0].replace(
        "{name: eg}", "{name: eg, others: {wantClient: true}}"
    )
    others = "management: {edges: [{name: eg, others: {keepList: true}}]}"

    (edge,) = build(laid(others, base=management)).management.edges

    assert (edge.others_want_client, edge.others_keep_list) == (True, True)


def test_defaults_of_an_environment_are_for_each_document() -> None:
    other = """\
tenants:
  - name: secondary
    nodes: [10.2.1.21]
    services:
      - name: api
        namespace: shop
        selector: {app: api}
        backend: {kind: nginx, mode: http, upstream: "127.0.0.1:80"}
        ports: [{port: 80, targetPort: 8080, nodePort: 30080}]
"""
    overlay = "defaults: {labels: {stage: test}}"
    found = build(laid(overlay, base=f"{BASE}---\n{spec(other)}"))
    labels = [dict(each.labels) for tenant in found.tenants for each in tenant.services]

    assert [{"stage": "test"}] * 3 == labels
