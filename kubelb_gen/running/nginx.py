"""NGINX configurations that we rendered: which ports they serve, and how.

The grammar is NGINX's own: words end at blanks, `;` and braces; `#` begins a comment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.running.served import Probe, Served

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TOKEN = re.compile(r"""#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]|[^\s{};]+""")
_PEERS = re.compile(r"^\$(?P<label>\w+)_peer$")
_TARGET = re.compile(r"^(?:http://)?\$?(?P<label>\w+?)(?P<guarded>_to)?$")


class Directive(NamedTuple):
    """A directive with its words, and what stands in its braces."""

    words: tuple[str, ...]
    inside: tuple[Directive, ...] = ()

    def all(self, name: str) -> Iterator[Directive]:
        """Yield the directives inside that are called *name*."""
        return (each for each in self.inside if each.words[:1] == (name,))

    def first(self, name: str) -> tuple[str, ...]:
        """Return the words behind the first directive called *name*."""
        return next((each.words[1:] for each in self.all(name)), ())


def served_in(text: str) -> Iterator[Served]:
    """Yield what each `server` of *text* serves, its probe included."""
    root = _parsed(text)
    complete = any(root.all("events"))
    blocks = [*root.all("http"), *root.all("stream"), root]
    upstreams = {
        each.words[1]: each.first("server")[0]
        for block in blocks
        for each in block.all("upstream")
        if len(each.words) > 1 and each.first("server")
    }
    guards = dict(_guards(blocks))
    servers = [each for block in blocks for each in block.all("server")]
    probes = [(each, _probe_of(each)) for each in servers]
    last = None
    orphans: dict[str, Probe] = {}
    for server, probe in probes:
        if probe is None:
            if last is not None:
                yield last
            last = _served(server, upstreams, guards, complete=complete)
            continue
        label = _label_of(server)
        if last is not None and label in (None, last.label) and last.probe is None:
            last = last._replace(probe=probe)
        elif label is not None:
            orphans[label] = probe
    if last is not None:
        yield last
    # The probe of what is served in `stream` asks over HTTP, from a file of its own.
    for label, probe in orphans.items():
        yield Served(label, "nginx", "probe", 0, "", probe=probe, complete=complete)


def _served(
    server: Directive,
    upstreams: dict[str, str],
    guards: dict[str, tuple[str, ...]],
    *,
    complete: bool,
) -> Served | None:
    label = _label_of(server)
    listen = server.first("listen")
    if label not in upstreams or not listen:
        return None
    http = not server.first("proxy_pass")
    accepts = "proxy_protocol" in listen
    header = next(iter(server.first("real_ip_header")), None)
    sources = tuple(each.words[1] for each in server.all("set_real_ip_from"))
    certificate, key = (
        server.first("ssl_certificate"),
        server.first("ssl_certificate_key"),
    )
    return Served(
        label=label,
        kind="nginx",
        mode="http" if http else "stream",
        listen=_port(listen[0]),
        upstream=upstreams[label],
        udp="udp" in listen,
        accepts=accepts,
        trusted=guards.get(label),
        header=None if accepts else header,
        from_right=1 if header and not accepts else None,
        walked=sources if server.first("real_ip_recursive") else (),
        sends="v1" if server.first("proxy_protocol") == ("on",) else "none",
        tls=(certificate[0], key[0]) if certificate and key else None,
        complete=complete,
    )


def _probe_of(server: Directive) -> Probe | None:
    """Return the probe that *server* answers, None where it serves traffic."""
    listen = server.first("listen")
    if not listen or server.first("proxy_pass"):
        return None
    for location in server.all("location"):
        if location.words[1:2] == ("=",):
            return Probe(_port(listen[0]), location.words[2])
    if server.first("return"):
        return Probe(_port(listen[0]))
    return None


def _label_of(server: Directive) -> str | None:
    targets = [server.first("proxy_pass")]
    targets += [each.first("proxy_pass") for each in server.all("location")]
    for target in targets:
        found = _TARGET.match(target[0]) if target else None
        if found is not None:
            return found["label"]
    return None


def _guards(blocks: Iterable[Directive]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for block in blocks:
        for geo in block.all("geo"):
            found = _PEERS.match(geo.words[-1])
            if found is not None:
                admitted = (
                    each.words[0] for each in geo.inside if each.words[1:] == ("1",)
                )
                yield found["label"], tuple(admitted)


def _port(address: str) -> int:
    digits = address.rpartition(":")[2]
    return int(digits) if digits.isdigit() else 0


def _parsed(text: str) -> Directive:
    levels: list[list[Directive]] = [[]]
    heads: list[tuple[str, ...]] = []
    words: list[str] = []
    for found in _TOKEN.finditer(text):
        word = found.group()
        if word[0] == "#":
            continue
        if word == "{":
            heads.append(tuple(words))
            levels.append([])
            words = []
        elif word == "}":
            if not heads:
                break
            inside = tuple(levels.pop())
            levels[-1].append(Directive(heads.pop(), inside))
            words = []
        elif word == ";":
            if words:
                levels[-1].append(Directive(tuple(words)))
            words = []
        else:
            words.append(_unquoted(word))
    return Directive((), tuple(levels[0]))


def _unquoted(word: str) -> str:
    if word[0] in "\"'":
        return re.sub(r"\\(.)", r"\1", word[1:-1])
    return word
