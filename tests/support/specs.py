"""Specs as text, with one part changed, and what loading makes of them."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING

from kubelb_gen.build import build
from kubelb_gen.document import Source, Sources, parse
from kubelb_gen.errors import SpecError

if TYPE_CHECKING:
    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.model import Fleet

HEAD = "apiVersion: kubelb-gen/v1alpha1\nkind: ClientIPSpec\nmetadata: {name: acme}\n"
KUBELB = 'kubelb: {version: "1.4.3", edition: CE}\n'
MANAGEMENT = """\
management:
  loadBalancer: {provider: metallb-bgp}
  egressCIDRs: [10.3.0.0/16]
"""
PORT = "{name: main, port: 5000, nodePort: 30500}"
NGINX = '{kind: nginx, mode: stream, upstream: "127.0.0.1:8080"}'
_TENANT = """\
- name: {0}
  nodes: [10.2.0.21]
  services:
    - name: web
      namespace: {0}
      selector: {{app: web}}
      ports: [{1}]
      backend: {2}
"""


def spec(body: str, head: str = HEAD) -> str:
    """A document with *body* under `spec`."""
    return f"{head}spec:\n{indent(dedent(body), '  ')}"


def estate(tenants: str = "", more: str = "", management: str = MANAGEMENT) -> str:
    """A whole fleet in one document; *tenants* is a YAML list."""
    body = KUBELB + dedent(management) + dedent(more)
    if tenants:
        body += "tenants:\n" + indent(dedent(tenants), "  ")
    return spec(body)


def tenants(*names: str) -> str:
    """Return an estate of tenants with a Service `web` each, in its namespace."""
    return estate("".join(_TENANT.format(each, PORT, NGINX) for each in names))


def service(
    ports: str = PORT, backend: str = NGINX, more: str = "", tenant: str = ""
) -> str:
    """A whole fleet with one tenant and one service; *ports* are lines of a list."""
    listed = "\n".join(f"- {line}" for line in ports.splitlines())
    lines = ["- name: primary", *tenant.splitlines(), "services:", "  - name: web"]
    lines += ["    namespace: default", "    selector: {app: web}"]
    lines += [f"    {line}" for line in more.splitlines()]
    if backend:
        lines.append(f"    backend: {backend}")
    lines.append("    ports:")
    first, *rest = lines
    text = "\n".join([first, *(f"  {line}" for line in rest)])
    return estate(f"{text}\n{indent(listed, ' ' * 8)}\n")


def sources(*texts: str) -> Sources:
    """The texts, called a.yaml, b.yaml and so on."""
    names = [f"{chr(ord('a') + index)}.yaml" for index in range(len(texts))]
    return Sources(
        parse(Source(name, text)) for name, text in zip(names, texts, strict=True)
    )


def fleet(*texts: str) -> Fleet:
    """The fleet of *texts*."""
    return build(sources(*texts))


def problems(*texts: str) -> tuple[Diagnostic, ...]:
    """Everything that is told about *texts*, warnings of a sound fleet included."""
    try:
        return fleet(*texts).warnings
    except SpecError as error:
        return error.diagnostics


def problem(*texts: str) -> Diagnostic:
    """The only thing that is told about *texts*."""
    (only,) = problems(*texts)
    return only
