"""Traps that programs set, each observed, and none of them in what is written.

The rows are those of `facts/backends-and-envoy.md`, section 8, "Traps".  A row knows
the trap when it sees one, and names the tests that hold the program to it.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from kubelb_gen.model import BackendKind, Emit, ProxyAcceptance, Tls
from kubelb_gen.plan import ByHeader, ByPosition, ByWalk
from tests.support.estates import (
    backend_file,
    behind_route,
    http_get,
    listener,
    networks,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
FACTS = ROOT.parent / "shared" / "facts" / "backends-and-envoy.md"
_LOOPBACK = "tests/e2e/test_every_backend_on_loopback.py"
_RENDER = "tests/unit/render/test_every_backend.py"
_LAYER4 = "tests/e2e/test_layer4_backends_on_loopback.py"
_TOLD_BY_FIRST = f"{_LAYER4}::test_an_http_application_is_told_the_client_and_no_lie"
_STRANGER = (
    f"{_LOOPBACK}::test_a_header_from_a_peer_that_is_not_trusted_is_not_believed"
)
_NO_LIE = f"{_LOOPBACK}::test_an_http_application_is_told_the_client_and_no_lie"


@dataclass(frozen=True, kw_only=True)
class Trap:
    """One trap: *bullet* begins its line of the facts, *bad* is a text that has it.

    *caught* tells of a text of *kind* whether it does.  Without *kind* it is of a
    program that nothing is written for.
    """

    bullet: str
    kind: BackendKind | None = None
    bad: str = ""
    caught: Callable[[str], bool] = bool
    tests: tuple[str, ...] = ()


def _caddy_ignores(text: str) -> bool:
    blocks = re.findall(r"\bproxy_protocol\b(?: \{([^}]*)\})?", text)
    return any(not re.search(r"\ballow \S", block) for block in blocks)


def _caddy_reads_late(text: str) -> bool:
    wrapped = re.search(r"listener_wrappers \{(.*?)\n\t\t\}", text, re.DOTALL)
    if wrapped is None:
        return False
    words = re.findall(r"\b(proxy_protocol|tls)\b", wrapped[1])
    return words != ["proxy_protocol", *words[1:]] or words.count("tls") != (
        "https://" in text
    )


def _apache_believes(text: str) -> bool:
    hosts = re.findall(r"<VirtualHost.*?</VirtualHost>", text, re.DOTALL)
    guard = 'Require expr "%{CONN_REMOTE_ADDR} -ipmatch'
    return any(
        "RemoteIPProxyProtocol On" in host and guard not in host for host in hosts
    )


def _apache_appends(text: str) -> bool:
    hosts = re.findall(r"<VirtualHost.*?</VirtualHost>", text, re.DOTALL)
    kept = ("ProxyAddHeaders Off", "RequestHeader set X-Forwarded-For")
    return any(
        "ProxyPass" in host and not all(word in host for word in kept) for host in hosts
    )


def _haproxy_appends(text: str) -> bool:
    after = text.partition("option forwardfor")
    return bool(after[1]) and "del-header x-forwarded-for" not in text.lower()


def _envoy_believes(text: str) -> bool:
    for each in yaml.safe_load(text)["static_resources"]["listeners"]:
        filters = [one["name"] for one in each.get("listener_filters", ())]
        if "envoy.filters.listener.proxy_protocol" in filters and any(
            not chain.get("filter_chain_match", {}).get("direct_source_prefix_ranges")
            for chain in each["filter_chains"]
        ):
            return True
    return False


_ENVOY = """\
static_resources:
  listeners:
  - listener_filters: [{name: envoy.filters.listener.proxy_protocol}]
    filter_chains: [{filters: []}]
"""
TRAPS = {
    "a bare proxy_protocol swallows headers": Trap(
        bullet="Caddy: bare",
        kind=BackendKind.CADDY,
        bad="\t\t\tproxy_protocol\n",
        caught=_caddy_ignores,
        tests=(_NO_LIE, f"{_RENDER}::test_nobody_is_believed_blindly"),
    ),
    "the wrapper behind tls": Trap(
        bullet="Caddy: bare",
        kind=BackendKind.CADDY,
        bad="listener_wrappers {\n\t\t\ttls\n\t\t\tproxy_protocol {\n allow 1 }\n\t\t}",
        caught=_caddy_reads_late,
        tests=(f"{_RENDER}::test_caddy_reads_the_header_before_tls",),
    ),
    "allow is optional: without a header the peer is the client": Trap(
        bullet="Caddy: bare",
        tests=(f"{_LOOPBACK}::test_without_a_header_nobody_is_anybody_else",),
    ),
    "insecure": Trap(
        bullet="Traefik `insecure",
        kind=BackendKind.TRAEFIK,
        bad="proxyProtocol: {insecure: true}",
        caught=lambda text: "insecure" in text,
        tests=(_STRANGER,),
    ),
    "fallback_policy use": Trap(
        bullet="Traefik `insecure",
        kind=BackendKind.CADDY,
        bad="fallback_policy use",
        caught=lambda text: bool(re.search(r"fallback_policy (?!reject\b)", text)),
        tests=(_STRANGER,),
    ),
    "any peer may send a header": Trap(
        bullet="Apache: any peer",
        kind=BackendKind.APACHE,
        bad="<VirtualHost *:1>\nRemoteIPProxyProtocol On\n</VirtualHost>",
        caught=_apache_believes,
        tests=(_STRANGER,),
    ),
    "the list of exceptions leaks into other hosts": Trap(
        bullet="Apache: any peer",
        kind=BackendKind.APACHE,
        bad="RemoteIPProxyProtocolExceptions 127.0.0.1",
        caught=lambda text: "RemoteIPProxyProtocolExceptions" in text,
        tests=(f"{_LOOPBACK}::test_the_kubelet_reaches_one_path_without_a_header",),
    ),
    "only On and Off are words": Trap(
        bullet="Apache: any peer",
        kind=BackendKind.APACHE,
        bad="RemoteIPProxyProtocol Optional",
        caught=lambda text: bool(
            re.search(r"RemoteIPProxyProtocol (?!On$|Off$)", text, re.MULTILINE)
        ),
        tests=(
            "tests/conformance/test_every_backend.py::test_every_combination_is_accepted",
        ),
    ),
    "Postfix without IPv6": Trap(bullet="Postfix with"),
    "NGINX appends to a forged list": Trap(
        bullet="Varnish, Squid and Envoy",
        kind=BackendKind.NGINX,
        bad="proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
        caught=lambda text: "$proxy_add_x_forwarded_for" in text,
        tests=(_TOLD_BY_FIRST,),
    ),
    "HAProxy adds to a forged list": Trap(
        bullet="Varnish, Squid and Envoy",
        kind=BackendKind.HAPROXY,
        bad="    option forwardfor\n",
        caught=_haproxy_appends,
        tests=(_TOLD_BY_FIRST,),
    ),
    "Apache adds to a forged list": Trap(
        bullet="Varnish, Squid and Envoy",
        kind=BackendKind.APACHE,
        bad='<VirtualHost *:1>\nProxyPass "/" "http://a/"\n</VirtualHost>',
        caught=_apache_appends,
        tests=(_NO_LIE,),
    ),
    "Envoy appends to a forged list": Trap(
        bullet="Varnish, Squid and Envoy", tests=(_NO_LIE,)
    ),
    "a filter that believes everyone": Trap(
        bullet="Envoy filter without",
        kind=BackendKind.ENVOY,
        bad=_ENVOY,
        caught=_envoy_believes,
        tests=(
            _STRANGER,
            f"{_LOOPBACK}::test_a_raw_connection_of_a_stranger_goes_nowhere",
        ),
    ),
}
WRITTEN = {name: trap for name, trap in TRAPS.items() if trap.kind is not None}


@cache
def _written(kind: BackendKind) -> tuple[str, ...]:
    """Texts for *kind*: PROXY and headers, with TLS and without, whole and included."""
    readings = {
        BackendKind.HAPROXY: ByPosition(from_right=2),
        BackendKind.ENVOY: ByPosition(from_right=2),
    }
    header = ByHeader(header="X-Envoy-External-Address")
    listeners = [
        listener(probe=http_get(8081)),
        listener(trusted=()),
        listener(accept=ProxyAcceptance.NONE, trusted=(), probe=http_get(8081)),
        listener(tls=Tls(certificate="/tls/tls.crt", key="/tls/tls.key")),
        behind_route(readings.get(kind, header), probe=http_get(8081)),
    ]
    if kind in {BackendKind.NGINX, BackendKind.CADDY, BackendKind.APACHE}:
        listeners.append(behind_route(ByWalk(trusted=networks("10.1.16.0/20"))))
    return tuple(
        text
        for each in listeners
        for emit in (Emit.COMPLETE, Emit.FRAGMENT)
        for text in texts(backend_file(kind, each, emit=emit)).values()
    )


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written_is_not_caught_in_it(name: str) -> None:
    trap = TRAPS[name]
    assert trap.kind is not None

    assert trap.caught(trap.bad)
    assert [] == [text for text in _written(trap.kind) if trap.caught(text)]


@pytest.mark.parametrize("name", [name for name, trap in TRAPS.items() if trap.tests])
def test_a_trap_is_held_by_tests_that_exist(name: str) -> None:
    for test in TRAPS[name].tests:
        path, _, function = test.partition("::")
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        names = {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}
        assert function in names


def test_no_trap_of_the_facts_is_left_out() -> None:
    if not FACTS.is_file():
        pytest.skip(f"no {FACTS} beside the repository")
    _, _, after = FACTS.read_text("utf-8").partition("Traps, each observed:")
    bullets = [
        line.removeprefix("- ")
        for line in after.partition("\n\n")[0].splitlines()
        if line.startswith("- ")
    ]

    rows = {trap.bullet for trap in TRAPS.values()}

    assert bullets
    assert [] == [each for each in bullets if not any(map(each.startswith, rows))]
    assert all(any(each.startswith(row) for each in bullets) for row in rows)
