"""Pods whose owner does what a step of a rollout says, line by line.

A ConfigMap is in the cluster once it has been applied, and in a pod once that has
restarted after it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kubelb_gen.artifacts import Artifacts

    # A tenant and the Service, or backend of a route, in it that pods are of.
    Pods = tuple[str, str]

_APPLY = re.compile(r"kubectl --context tenant-(\S+) apply -k tenants/\1")
_PATCH = re.compile(r"tenants/([^/\s]+)/([^/\s]+/[^./\s]+)\.\w+\.pod\.patch\.yaml")
# A container, a program, a listener, an include: each is another pod template.
_BY_HAND = re.compile(r"(?:the pods of|\) from) ([\w.-]+)/([\w.-]+/[\w.-]+)(?=[ ,]|$)")
_RELEASE = re.compile(r"out of the pods of ([\w.-]+/[\w.-]+) before")
_LOAD = re.compile(r"let the pods of (.+) take (?:its|their) configuration")
_UNLESS = ", where their patch has not restarted them"


def follow(
    told: Sequence[str], before: Artifacts, after: Artifacts, *, patches: bool
) -> Iterator[str]:
    """Yield what goes wrong for who does what is *told* from *before* to *after*.

    *patches* says whether a kustomization lists the patches of workloads at all: who
    has the volume in a Deployment already need not.
    """
    applied, wanted = dict(_config_maps(before)), dict(_config_maps(after))
    running = dict(applied)
    restarted: set[Pods] = set()
    for line in told:
        if found := _APPLY.search(line):
            applied |= {
                path: text
                for path, text in wanted.items()
                if path.startswith(f"tenants/{found[1]}/")
            }
        for pods in _restarts(line, wanted, restarted, patches=patches):
            restarted.add(pods)
            for path in _of(pods, wanted):
                running[path] = applied.get(path, "")
                if running[path] != wanted[path]:
                    yield f"pods start on an old {path}: {line}"
    for path, text in wanted.items():
        if running.get(path) != text:
            yield f"pods never took {path}"


def _restarts(
    line: str, wanted: Iterable[str], restarted: set[Pods], *, patches: bool
) -> Iterator[Pods]:
    if found := _PATCH.search(line):
        if patches:
            yield found[1], found[2]
    elif found := _LOAD.search(line) or _RELEASE.search(line):
        unless = line[found.end() :].startswith(_UNLESS)
        for name in found[1].split(", "):
            for tenant in {path.split("/")[1] for path in wanted}:
                if not (unless and (tenant, name) in restarted):
                    yield tenant, name
    else:
        yield from _BY_HAND.findall(line)


def _config_maps(artifacts: Artifacts) -> Iterator[tuple[str, str]]:
    for path, each in artifacts.items():
        if path.endswith(".configmap.yaml"):
            yield path, each.text


def _of(pods: Pods, paths: Mapping[str, str]) -> Iterator[str]:
    tenant, name = pods
    yield from (each for each in paths if each.startswith(f"tenants/{tenant}/{name}."))
