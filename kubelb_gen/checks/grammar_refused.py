"""The backend's configuration cannot hold a path of the spec.

What: the path of an httpGet probe, or of a certificate or its key, holds a character
that the program's configuration has no way to write, such as `$` in NGINX.
Why: written as it is, it would be something else there: a variable, a placeholder, a
pattern.  Nothing is rendered instead.

Bad:

    backend: {kind: caddy, probe: {type: httpGet, port: 8081, path: /health/*}}

Good:

    backend: {kind: caddy, probe: {type: httpGet, port: 8081, path: /health}}
"""

import re
from collections.abc import Callable, Iterator

from kubelb_gen.checks.programs import Program, programs
from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model import Backend, BackendKind, Emit, ProbeType
from kubelb_gen.plan import Plan

ID = "grammar-refused"
SEVERITY = Severity.ERROR

# What stands for itself in every grammar.
_PLAIN = re.compile(r"/[A-Za-z0-9_./-]*")


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each path that a configuration cannot hold."""
    for program in programs(plan, _names_paths):
        for path, field, at in _paths(program):
            why = None if _PLAIN.fullmatch(path) else _refusal(program, path, field)
            if why is not None:
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"'{field}' of {program.subject}: {why}",
                    at=at,
                    about=program.at,
                    hint="give it a path of letters, digits, '-', '_' and '.'",
                )


def _names_paths(backend: Backend) -> bool:
    named = backend.probe is not None or backend.tls is not None
    return named and backend.emit is not Emit.NONE


def _paths(program: Program) -> Iterator[tuple[str, str, DataPath | None]]:
    probe, tls = program.backend.probe, program.backend.tls
    if probe is not None and probe.type is ProbeType.HTTP_GET and probe.port:
        yield probe.path or "/", "probe.path", _below(program, "probe", "path")
    if tls is not None:
        yield tls.certificate, "tls.certificate", _below(program, "tls", "certificate")
        if program.backend.kind is not BackendKind.HAPROXY:
            yield tls.key, "tls.key", _below(program, "tls", "key")


def _below(program: Program, block: str, name: str) -> DataPath | None:
    place = program.field(block)
    return place / name if place is not None and program.backend.at else place


def _refusal(program: Program, path: str, field: str) -> str | None:
    # Few specs have such a path.
    from kubelb_gen.errors import RenderError  # noqa: PLC0415
    from kubelb_gen.render import grammar, listening, traefik  # noqa: PLC0415

    writers: dict[BackendKind, Callable[[str], str]] = {
        BackendKind.NGINX: grammar.nginx_token,
        BackendKind.HAPROXY: grammar.haproxy_token,
        BackendKind.CADDY: grammar.caddy_token,
        BackendKind.APACHE: grammar.apache_token,
    }
    kind, probe = program.backend.kind, program.backend.probe
    write = writers.get(kind)
    text: str | None = path
    if field == "probe.path" and probe is not None:
        encodes = kind is BackendKind.HAPROXY
        text = (listening.encoded_path if encodes else listening.decoded_path)(probe)
        if kind is BackendKind.TRAEFIK:
            write = traefik.rule
    if write is None or text is None:
        return None
    try:
        write(text)
    except RenderError as error:
        return str(error)
    return None
