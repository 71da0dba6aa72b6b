"""HAProxy configurations that we rendered: one `listen` section for each port."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from kubelb_gen.running.served import Probe, Served

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(r"""#.*|(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s#"'\\])+""")
_READ = re.compile(r"^req\.hdr_ip\((?P<header>[^,]+),-(?P<place>\d+)\)$")
_SENDS = {"send-proxy": "v1", "send-proxy-v2": "v2"}
_PROBE = "_probe"

Lines = list[tuple[str, ...]]


def served_in(text: str) -> Iterator[Served]:
    """Yield what each `listen` section of *text* serves, its probe included."""
    sections = dict(_sections(text))
    complete = "defaults" in sections
    for name, lines in sections.items():
        label = name.removeprefix("listen ")
        if label == name or label.endswith(_PROBE):
            continue
        found = _served(label, lines, complete=complete)
        if found is not None:
            probe = sections.get(f"{name}{_PROBE}")
            yield found._replace(probe=_probe(probe) if probe is not None else None)


def _served(label: str, lines: Lines, *, complete: bool) -> Served | None:
    bind = _first(lines, "bind")
    server = _first(lines, "server")
    if not bind or len(server) < 2:  # noqa: PLR2004  a name and an address
        return None
    rejects = any(each[:3] == ("tcp-request", "connection", "reject") for each in lines)
    admitted = tuple(each[3] for each in lines if each[:3] == ("acl", "trusted", "src"))
    read = next((_READ.match(each[-1]) for each in lines if "set-src" in each), None)
    certificate = bind[bind.index("crt") + 1] if "crt" in bind[:-1] else None
    return Served(
        label=label,
        kind="haproxy",
        mode=next(iter(_first(lines, "mode")), "tcp"),
        listen=_port(bind[0]),
        upstream=server[1],
        accepts="accept-proxy" in bind,
        trusted=admitted if rejects else None,
        header=read["header"] if read else None,
        from_right=int(read["place"]) if read else None,
        sends=next((_SENDS[word] for word in server if word in _SENDS), "none"),
        tls=(certificate, f"{certificate}.key") if certificate else None,
        complete=complete,
    )


def _probe(lines: Lines) -> Probe | None:
    bind = _first(lines, "bind")
    if not bind:
        return None
    for each in lines:
        if each[:2] == ("http-request", "deny") and "path" in each[:-1]:
            return Probe(_port(bind[0]), unquote(each[each.index("path") + 1]))
    return Probe(_port(bind[0]))


def _first(lines: Lines, name: str) -> tuple[str, ...]:
    return next((each[1:] for each in lines if each[0] == name), ())


def _port(address: str) -> int:
    digits = address.rpartition(":")[2]
    return int(digits) if digits.isdigit() else 0


def _sections(text: str) -> Iterator[tuple[str, Lines]]:
    name, lines = "", []
    for line in text.splitlines():
        words = tuple(_unquoted(each) for each in _WORD.findall(line) if each[0] != "#")
        if not words:
            continue
        if line[0].isspace():
            lines.append(words)
        else:
            if name:
                yield name, lines
            name, lines = " ".join(words), []
    if name:
        yield name, lines


def _unquoted(word: str) -> str:
    plain = re.sub(r'"((?:[^"\\]|\\.)*)"', r"\1", word)
    plain = re.sub(r"'([^']*)'", r"\1", plain)
    return re.sub(r"\\(.)", r"\1", plain)
