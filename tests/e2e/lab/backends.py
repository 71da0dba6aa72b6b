"""The backends of a world, at work in the pod with the files that were rendered."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import yaml

from tests.support import loopback, servers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import ExitStack
    from pathlib import Path

    from kubelb_gen.artifacts import Artifact

# Without a PROXY header a fragment leaves the log to the main file.
_STREAM_LOG = """\
log_format lab '$remote_addr [] $protocol $status $bytes_sent';
access_log {path} lab;
"""
# Each of these has a file of its own with global settings, hence a process of its own.
_PORTS = {
    "traefik": re.compile(r'address: ":(\d+)"'),
    "caddy": re.compile(r"^http://:(\d+) ", re.MULTILINE),
    "apache": re.compile(r"^Listen (\d+)$", re.MULTILINE),
}
_NOT_FOUND = 404


def start(stack: ExitStack, folder: Path, files: list[Artifact]) -> None:
    """Start every backend among *files* until *stack* ends, and wait for all of them.

    The caller is inside the pod already.
    """
    by_kind = defaultdict(list)
    for each in files:
        if each.path.startswith("backends/"):
            by_kind[each.kind].append(each)
    if by_kind["nginx"]:
        _start_nginx(stack, folder, [each.text for each in by_kind["nginx"]])
    if by_kind["haproxy"]:
        texts = [each.text for each in by_kind["haproxy"]]
        _start_haproxy(stack, folder / "haproxy", texts)
    if by_kind["envoy"]:
        _start_envoy(stack, folder / "envoy-backends", by_kind["envoy"])
    asked = {
        kind: _start_each(stack, folder, kind, by_kind[kind], pattern)
        for kind, pattern in _PORTS.items()
    }
    for port in [port for ports in asked.values() for port in ports]:
        loopback.eventually(partial(loopback.listening, port))
    for port in asked["traefik"]:
        loopback.eventually(partial(_has_routes, port))


def _start_nginx(stack: ExitStack, folder: Path, texts: list[str]) -> None:
    stream = [each for each in texts if "# Included inside stream" in each]
    http = [each for each in texts if "# Included inside http" in each]
    log = _STREAM_LOG.format(path=folder / "nginx" / "lab.log")
    ports = {
        int(port)
        for each in texts
        for port in re.findall(r"listen (\d+)[ ;]", each)
        if "udp" not in each
    }
    stack.enter_context(
        servers.nginx(
            folder / "nginx",
            http=http,
            stream=[log, *stream] if stream else (),
            ports=ports,
        )
    )


def _start_haproxy(stack: ExitStack, folder: Path, texts: list[str]) -> None:
    configs = folder / "configs"
    configs.mkdir(parents=True)
    for index, text in enumerate(texts):
        (configs / f"{index:03}.cfg").write_text(text, encoding="utf-8")
    ports = {
        int(port) for text in texts for port in re.findall(r"bind \S*?:(\d+)\b", text)
    }
    command = servers.haproxy_command(configs)
    stack.enter_context(loopback.running(command, folder=folder, ports=ports))


def _start_envoy(stack: ExitStack, folder: Path, files: Iterable[Artifact]) -> None:
    """Start one Envoy with the listeners and clusters of all *files*."""
    resources: dict[str, list[Any]] = {"listeners": [], "clusters": []}
    for each in files:
        static = yaml.safe_load(each.text)["static_resources"]
        for kind, gathered in resources.items():
            gathered.extend(static[kind])
    ports = {
        each["address"]["socket_address"]["port_value"]
        for each in resources["listeners"]
    }
    bootstrap = json.dumps({"static_resources": resources})
    stack.enter_context(servers.envoy(folder, bootstrap, ports=ports))


def _start_each(
    stack: ExitStack,
    folder: Path,
    kind: str,
    files: Iterable[Artifact],
    pattern: re.Pattern[str],
) -> set[int]:
    by_name: dict[str, dict[str, str]] = defaultdict(dict)
    for each in files:
        name = each.path.rpartition("/")[2]
        by_name[name.partition(".")[0]][name] = each.text
    number = count()
    for texts in by_name.values():
        own = folder / f"{kind}-{next(number)}"
        stack.enter_context(servers.backend(own, kind, texts, ports=()))
    return {
        int(port)
        for texts in by_name.values()
        for text in texts.values()
        for port in pattern.findall(text)
    }


def _has_routes(port: int) -> bool:
    """Tell whether Traefik has read its dynamic file: it answers 404 before."""
    answer = loopback.request(port, source="127.0.0.1")
    return answer.status != _NOT_FOUND
