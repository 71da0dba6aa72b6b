"""The edge of a world, with the settings that were rendered for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from tests.e2e.lab import specs, topology
from tests.support import edge_envoy, edge_nginx, servers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import ExitStack
    from pathlib import Path

    from kubelb_gen.artifacts import Artifact
    from tests.e2e.lab.cells import Cell, World
    from tests.e2e.lab.topology import Ground


def start(
    stack: ExitStack, ground: Ground, world: World, folder: Path, files: list[Artifact]
) -> None:
    """Start the edge of *world* with what *files* have for it."""
    ports = {specs.front_port(each) for each in world.cells()}
    of_kind = {each.kind: each.text for each in files}
    folder = folder / "edge"
    if "ingress-nginx" in of_kind:
        values = yaml.safe_load(of_kind["ingress-nginx"])
        config = values["controller"]["config"]
        edge = servers.nginx(folder, http=[_servers(world, config)], ports=ports)
    else:
        text = of_kind.get("clienttrafficpolicy", "spec: {}")
        bootstrap = _merged(world, _settings(yaml.safe_load(text)["spec"]))
        edge = servers.envoy(folder, json.dumps(bootstrap), ports=ports)
    with ground["edge"].inside():
        stack.enter_context(edge)


def _subjects(world: World) -> Iterable[Cell]:
    """One cell of each backend, since the lab tells them apart by port."""
    return {each.subject.name: each for each in world.cells()}.values()


def _servers(world: World, config: Mapping[str, str]) -> str:
    lines = [*edge_nginx.shared(config)]
    for cell in _subjects(world):
        port, upstream = specs.front_port(cell), specs.envoy_port(cell)
        lines += edge_nginx.server(
            [str(port), f"[::]:{port}"], f"{topology.ENVOY_POD}:{upstream}", config
        )
    return "\n".join(lines)


def _settings(policy: Mapping[str, Any]) -> dict[str, Any]:
    """What a ClientTrafficPolicy, which there may be none of, makes of the edge."""
    detection = policy.get("clientIPDetection", {}).get("xForwardedFor", {})
    return {
        "trusted_cidrs": tuple(detection.get("trustedCIDRs", ())),
        "trusted_hops": detection.get("numTrustedHops"),
        "proxy_protocol": "proxyProtocol" in policy,
    }


def _merged(world: World, settings: Mapping[str, Any]) -> dict[str, Any]:
    listeners, clusters = [], []
    for cell in _subjects(world):
        one: Any = edge_envoy.edge_bootstrap(
            specs.front_port(cell), specs.envoy_port(cell), **settings
        )
        text = json.dumps(one["static_resources"])
        text = text.replace('"kubelb"', f'"{cell.subject.name}"')
        text = text.replace('"edge"', f'"edge-{cell.subject.name}"')
        resources = json.loads(text)
        (listener,), (cluster,) = resources["listeners"], resources["clusters"]
        listener["address"]["socket_address"].update(address="::", ipv4_compat=True)
        del cluster["upstream_bind_config"]
        for group in cluster["load_assignment"]["endpoints"]:
            for each in group["lb_endpoints"]:
                address = each["endpoint"]["address"]["socket_address"]
                address["address"] = topology.ENVOY_POD
        listeners.append(listener)
        clusters.append(cluster)
    return {"static_resources": {"listeners": listeners, "clusters": clusters}}
