"""What the schema refuses, and in which words."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from kubelb_gen.assets import schema_text
from kubelb_gen.document import Source, Sources, parse
from kubelb_gen.report.text import draw_all
from kubelb_gen.schema import FILES, SPEC, validate
from tests.support.specs import estate, service, spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.diagnostics import Diagnostic


def told(text: str) -> list[Diagnostic]:
    (document,) = parse(Source("a.yaml", text)).documents
    return validate(document)


def drawn(text: str) -> str:
    sources = Sources([parse(Source("acme.yaml", dedent(text)))])
    (document,) = sources.documents
    return draw_all(sources.placed(validate(document)))


def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(schema_text(FILES[SPEC]))
    return loaded


def nodes(node: object, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield path, node
        for key, child in node.items():
            yield from nodes(child, f"{path}.{key}")
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from nodes(child, f"{path}[{index}]")


def test_the_schema_is_a_schema_with_a_name_for_editors() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())

    assert "https://json-schema.org/draft/2020-12/schema" == schema()["$schema"]
    assert schema()["$id"].endswith("/spec-v1alpha1.json")
    assert "ClientIPSpec" == schema()["title"]


def test_every_property_says_what_it_is() -> None:
    silent = [
        f"{path}.{name}"
        for path, node in nodes(schema())
        if not path.endswith((".if", ".then", ".else"))
        and isinstance(node.get("properties"), dict)
        for name, value in node["properties"].items()
        if not (isinstance(value, dict) and value.get("description", "").strip())
    ]

    assert [] == silent


def test_every_object_is_closed() -> None:
    open_ones = [
        path
        for path, node in nodes(schema())
        if node.get("type") == "object"
        and node.get("additionalProperties", True) in (True, {})
    ]

    assert [] == open_ones


def test_branches_are_on_named_fields_only() -> None:
    assert [] == [
        path for path, node in nodes(schema()) if {"oneOf", "anyOf"} & set(node)
    ]


def test_every_default_is_a_value_that_the_schema_takes() -> None:
    whole = schema()
    for path, node in nodes(whole):
        if "default" in node and not path.endswith("properties"):
            narrowed = {**node, "$defs": whole["$defs"]}
            jsonschema.Draft202012Validator(narrowed).validate(node["default"])


def test_a_whole_spec_passes() -> None:
    assert [] == told(service())


def test_kubelb_and_management_may_stand_in_another_document() -> None:
    assert [] == told(spec("tenants: [{name: '00'}]\n"))


def test_problems_are_drawn_where_they_are() -> None:
    text = """\
        apiVersion: kubelb-gen/v1alpha1
        kind: ClientIPSpec
        metadata: {name: acme}
        spec:
          kubelb: {version: 1.20, editon: CE}
          management: {loadBalancer: {provider: metallb-bpg}}
    """

    assert """\
error[wrong-type]: 'version' must be text, not the number 1.2
  --> acme.yaml:5:21  at spec.kubelb.version
   |
 5 |   kubelb: {version: 1.20, editon: CE}
   |                     ^^^^
   = hint: put the version in quotes: without them, 1.20 is the number 1.2

error[unknown-field]: unknown field 'editon'
  --> acme.yaml:5:27  at spec.kubelb.editon
   |
 5 |   kubelb: {version: 1.20, editon: CE}
   |                           ^^^^^^
   = hint: did you mean 'edition'?

error[not-one-of]: 'provider' cannot be 'metallb-bpg'
  --> acme.yaml:6:41  at spec.management.loadBalancer.provider
   |
 6 |   management: {loadBalancer: {provider: metallb-bpg}}
   |                                         ^^^^^^^^^^^
   = hint: did you mean 'metallb-bgp'?
""" == drawn(text)


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        (["missing-field", "missing-field"], "a: 1\n"),
        (["unknown-kind"], "apiVersion: kubelb-gen/v1alpha1\nkind: ClientIPSpc\n"),
        (["unknown-version"], "apiVersion: kubelb-gen/v2\nkind: ClientIPSpec\n"),
        (["unknown-version", "unknown-kind"], "apiVersion: v1\nkind: Service\n"),
    ],
)
def test_another_kind_of_document_is_told_as_such(ids: list[str], text: str) -> None:
    assert ids == [each.id for each in told(text)]


@pytest.mark.parametrize(
    ("name", "path", "more"),
    [
        ("not-carried-over", "loadBalancerSourceRanges", "[10.0.0.0/8]"),
        ("not-carried-over", "ipFamilies", "[IPv4]"),
        ("not-carried-over", "loadBalancerIP", "192.0.2.1"),
        ("not-one-of", "externalTrafficPolicy", "local"),
        ("not-one-of", "proxyProtocol", "v1"),
        ("not-one-of", "clientIP", "wanted"),
        ("not-one-of", "callers[0]", "[everybody]"),
        ("repeated-item", "callers", "[internet, internet]"),
        ("not-one-of", "output", "all"),
        ("wrong-type", "everyNode", "'yes'"),
        ("wrong-type", "annotations.a", "{a: true}"),
        ("malformed", "annotations['a b']", "{a b: x}"),
        ("malformed", "labels.a", "{a: x y}"),
        ("malformed", "because", "'  '"),
        ("malformed", "uid", "A-B"),
        ("malformed", "uid", "a" * 58),
        ("unknown-field", "sessionAfinity", "ClientIP"),
    ],
)
def test_a_field_of_a_service_is_held_to_its_kind(
    name: str, path: str, more: str
) -> None:
    field = path.partition(".")[0].partition("[")[0]
    (found,) = told(service(more=f"{field}: {more}"))

    assert (name, f"spec.tenants[0].services[0].{path}") == (found.id, str(found.at))


@pytest.mark.parametrize(
    ("name", "field", "port"),
    [
        ("out-of-range", "port", "{port: 0}"),
        ("out-of-range", "port", "{port: 65536}"),
        ("out-of-range", "nodePort", "{port: 1, nodePort: 70000}"),
        ("wrong-type", "port", "{port: '80'}"),
        ("wrong-type", "port", "{port: 1e3}"),
        ("wrong-type", "port", "{port: true}"),
        ("not-one-of", "protocol", "{port: 1, protocol: SCTP}"),
        ("malformed", "name", "{port: 1, name: Main}"),
        ("malformed", "name", "{port: 1, name: a_b}"),
        (
            "malformed",
            "targetPort",
            "{port: 1, targetPort: a-name-of-sixteen, listen: 1}",
        ),
        ("malformed", "targetPort", "{port: 1, targetPort: '80', listen: 1}"),
        ("missing-field", "listen", "{port: 1, targetPort: http}"),
        ("missing-field", "port", "{name: a}"),
    ],
)
def test_a_port_is_held_to_its_kind(name: str, field: str, port: str) -> None:
    (found,) = told(service(ports=port))

    assert (name, field) == (found.id, found.at.keys[-1] if found.at else None)


@pytest.mark.parametrize(
    ("ids", "backend"),
    [
        ([], "{kind: nginx, mode: stream, upstream: 'a:1'}"),
        ([], "{kind: haproxy, mode: tcp, upstream: '[::1]:80'}"),
        ([], "{kind: other, proxyProtocol: accepted}"),
        ([], "{kind: caddy, upstream: 'a:1'}"),
        (["missing-field"], "{kind: nginx}"),
        (["missing-field"], "{kind: other}"),
        (["missing-field"], "{mode: http}"),
        (["not-one-of"], "{kind: nginx, mode: tcp}"),
        (["not-one-of"], "{kind: haproxy, mode: stream}"),
        (["not-one-of"], "{kind: ngnix, mode: stream}"),
        (["not-one-of"], "{kind: nginx, mode: stream, upstreamProxyProtocol: v2}"),
        (["misplaced-field"], "{kind: nginx, mode: http, proxyProtocol: required}"),
        (["misplaced-field"], "{kind: other, proxyProtocol: none, mode: http}"),
        (["malformed"], "{kind: caddy, upstream: 'a; return 200'}"),
        (["malformed"], "{kind: caddy, upstream: 'a'}"),
        (["malformed"], "{kind: caddy, tls: {certificate: a, key: /b}}"),
        (["missing-field"], "{kind: caddy, tls: {certificate: /a}}"),
        (["malformed"], "{kind: caddy, probe: {type: httpGet, path: x}}"),
        (["malformed"], "{kind: caddy, configMap: {name: A}}"),
        (["malformed"], "{kind: caddy, configMap: {key: .}}"),
        (["malformed"], "{kind: caddy, configMap: {key: ..data}}"),
        ([], "{kind: caddy, configMap: {key: .hidden}}"),
        (["not-one-of"], "{kind: caddy, emit: all}"),
    ],
)
def test_a_backend_is_held_to_its_kind(ids: list[str], backend: str) -> None:
    assert ids == [each.id for each in told(service(backend=backend))]


@pytest.mark.parametrize(
    ("hint", "backend"),
    [
        ("any other program is 'other'", "{kind: redis}"),
        ("did you mean 'haproxy'?", "{kind: haproxi, mode: tcp}"),
        ("`kubelb-gen probe HOST:PORT` asks", "{kind: other}"),
    ],
)
def test_a_program_that_is_not_known_is_told_what_to_say(
    hint: str, backend: str
) -> None:
    (found,) = told(service(backend=backend))

    assert hint in (found.hint or "")


@pytest.mark.parametrize(
    ("ids", "balancer"),
    [
        ([], "{provider: hetzner, proxyProtocol: v2}"),
        ([], "{class: proxying, proxyProtocol: v1, annotations: {enable: {a: 'b'}}}"),
        (["missing-field"], "{}"),
        (["misplaced-field"], "{provider: hetzner, class: vip}"),
        (["misplaced-field"], "{provider: hetzner, annotations: {}}"),
        (["not-one-of"], "{class: passthrough}"),
        (["not-one-of"], "{class: vip, proxyProtocol: v3}"),
        (["empty"], "{class: vip, ipFamilies: []}"),
    ],
)
def test_a_load_balancer_is_of_the_catalogue_or_of_a_class(
    ids: list[str], balancer: str
) -> None:
    text = estate(management=f"management: {{loadBalancer: {balancer}}}\n")

    assert ids == [each.id for each in told(text)]


@pytest.mark.parametrize(
    ("missing", "cilium"),
    [
        ([], "{version: '1.20', mode: dsr, routing: tunnel}"),
        ([], "{version: '1.20', mode: dsr, routing: native, platform: eni}"),
        (["nativeRoutingCIDR"], "{version: '1.20', mode: dsr, routing: native}"),
        (["version", "mode", "routing"], "{}"),
    ],
)
def test_cilium_needs_what_its_routing_needs(missing: list[str], cilium: str) -> None:
    text = estate(tenants=f"- {{name: a, dataplane: {{cilium: {cilium}}}}}\n")

    assert missing == [each.at.keys[-1] for each in told(text) if each.at]


@pytest.mark.parametrize(
    ("good", "name"),
    [
        (True, "00"),
        (True, "a" * 56),
        (False, "a" * 57),
        (False, "-a"),
        (False, "A"),
        (False, "a.b"),
        (False, "a\\n"),
    ],
)
def test_a_tenant_name_leaves_room_for_its_namespace(good: bool, name: str) -> None:
    assert good is (not told(estate(tenants=f'- {{name: "{name}"}}\n')))


@pytest.mark.parametrize(
    ("good", "version"),
    [
        (True, "1.20"),
        (True, "v1.4.3"),
        (True, "1.4.3-rc.1"),
        (False, "1"),
        (False, "latest"),
        (False, "1.4.3; x"),
    ],
)
def test_a_version_is_text_of_two_or_three_numbers(good: bool, version: str) -> None:
    text = spec(f'kubelb: {{version: "{version}"}}\n')

    assert good is (not told(text))


@pytest.mark.parametrize(
    ("good", "cidr"),
    [
        (True, "10.0.0.0/8"),
        (True, "2001:db8::/32"),
        (True, "$cloudflare"),
        (False, "10.0.0.1"),
        (False, "all"),
        (False, "$"),
        (False, "10.0.0.0/8\\n"),
    ],
)
def test_a_cidr_looks_like_one(good: bool, cidr: str) -> None:
    text = estate(tenants=f'- {{name: a, internalCIDRs: ["{cidr}"]}}\n')

    assert good is (not told(text))


def test_no_message_says_invalid_ends_in_a_stop_or_starts_with_a_capital() -> None:
    text = service(
        ports="{port: 0, protocol: x}", backend="{kind: nginx}", more="ipFamilies: []"
    )

    for each in told(text):
        assert "invalid" not in each.message
        assert not each.message.endswith(".")
        assert each.message[0].islower() or each.message[0] == "'"


@pytest.mark.parametrize(
    ("message", "hint", "field"),
    [
        (
            "'nodes' must be a list, not the text 'a'",
            "start each item with '- ', or put the list in brackets",
            "nodes: a",
        ),
        (
            "'nodes' must be a list, not nothing",
            "nothing stands behind the colon",
            "nodes:",
        ),
        (
            "'loadBalancer' must be text, not the number 1",
            "put it in quotes",
            "loadBalancer: 1",
        ),
        ("'loadBalancer' must be text, not a list", None, "loadBalancer: []"),
        ("'defaults' must be a mapping, not true", None, "defaults: true"),
        (
            "'useLoadBalancerClass' must be true or false, not the text 'no'",
            None,
            "useLoadBalancerClass: no",
        ),
        (
            "'clientIP' cannot be a mapping",
            None,
            "defaults: {clientIP: {}}",
        ),
        (
            "unknown field 'zzzzzz'",
            (
                "fields here: name, nodes, internalCIDRs, loadBalancer, egressCIDRs, "
                "useLoadBalancerClass, dataplane, defaults, services, gateways, "
                "ingresses"
            ),
            "zzzzzz: 1",
        ),
    ],
)
def test_the_words_are_the_users(message: str, hint: str | None, field: str) -> None:
    (found,) = told(estate(f"- name: a\n  {field}\n"))

    assert (message, hint) == (found.message, found.hint)


def test_a_long_value_is_cut_in_the_message() -> None:
    (found,) = told(estate(f"- {{name: {'A' * 5000}}}\n"))

    assert f"'{'A' * 60}...' is not a tenant name" in found.message


def test_a_long_list_of_options_is_a_hint() -> None:
    text = estate(management="management: {loadBalancer: {provider: zzzzz}}\n")
    (found,) = told(text)

    assert ("", True) == (found.label, (found.hint or "").startswith("one of: aws-"))
