"""All files of a plan: which renderers there are, and in what order they run."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from kubelb_gen.artifacts import Artifact, Artifacts
from kubelb_gen.plan import BackendFile, Plan
from kubelb_gen.render import (
    cilium,
    config_map,
    envoy_bootstrap,
    envoy_proxy,
    envoy_service,
    haproxy,
    kustomization,
    load_balancer,
    nginx,
    service,
    tenant,
    traffic_policy,
)
from kubelb_gen.render.draft import Draft, Kind, Role
from kubelb_gen.render.engine import lay_out

__all__ = ["render_plan"]
