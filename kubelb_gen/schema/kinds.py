"""The kinds of documents, and the schema of each: all are made of ClientIPSpec's.

What its owners split (`docs/adr/0016-one-estate-several-owners.md`) has the same
fields under the same names; an overlay has all of them, none required.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from kubelb_gen.assets import schema_text
from kubelb_gen.schema.partial import partial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Schema = dict[str, Any]

API_VERSION = "kubelb-gen/v1alpha1"
SPEC = "ClientIPSpec"
MANAGEMENT = "ManagementSpec"
TENANT = "TenantSpec"
FACTS = "ManagementFacts"
OVERLAY = "ClientIPOverlay"

# Kinds that a spec consists of; an overlay is no part of one.
PARTS = (SPEC, MANAGEMENT, TENANT, FACTS)

FILES = {
    SPEC: "spec-v1alpha1.json",
    MANAGEMENT: "management-v1alpha1.json",
    TENANT: "tenant-v1alpha1.json",
    FACTS: "facts-v1alpha1.json",
    OVERLAY: "overlay-v1alpha1.json",
}

_LISTED = ("name", "loadBalancer", "egressCIDRs")
_OF_MANAGEMENT = "the owner of the management cluster says it, in a ManagementSpec"
_OF_TENANT = "the owner of the tenant says it, in a TenantSpec"
_ABOUT_SERVICES = "it is about services, of which there are none here"
_OTHERS: Schema = {
    "description": "What gateways of tenants that are not in this run make of the "
    "edge. 'export' writes it, without names.",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "wantClient": {
            "description": "Whether a backend behind them has to see the client, so "
            "that a load balancer that can sends a PROXY header.",
            "type": "boolean",
            "default": False,
        },
        "keepList": {
            "description": "Whether proxies in front of them make the edge hand the "
            "whole X-Forwarded-For on.",
            "type": "boolean",
            "default": False,
        },
    },
}


@functools.cache
def schema_of(kind: str) -> Schema:
    """Return the JSON Schema of documents of *kind*."""
    made: Schema = json.loads(schema_text(FILES[SPEC]))
    if kind != SPEC:
        made["$id"] = made["$id"].replace(FILES[SPEC], FILES[kind])
        made["title"] = made["properties"]["kind"]["const"] = kind
        _MAKERS[kind](made)
        made["$defs"] = _reached(made)
    return made


def _management(made: Schema) -> None:
    made["description"] = (
        "What the owner of the management cluster says of an estate: KubeLB, its load "
        "balancers and edges, and which tenants there are."
    )
    spec = made["properties"]["spec"]
    spec["description"] = "The facts; tenants say theirs in a TenantSpec each."
    _refuse(spec, _ABOUT_SERVICES, {"defaults": _OF_TENANT})
    spec["properties"]["tenants"] = {
        "description": "The tenants that there are. Where it is given, a TenantSpec of "
        "another tenant is refused.",
        "type": "array",
        "items": {"$ref": "#/$defs/listedTenant"},
    }
    _list_tenants(made)
    made["$defs"]["edge"]["properties"]["others"] = _OTHERS


def _tenant(made: Schema) -> None:
    made["description"] = (
        "What the owner of one tenant says of it. The facts about the management "
        "cluster come from 'kubelb-gen export --tenant NAME', or from its "
        "ManagementSpec."
    )
    spec = made["properties"]["spec"]
    spec["description"] = "Exactly one tenant, and nothing else."
    spec["required"] = ["tenants"]
    others = dict.fromkeys(spec["properties"], _OF_MANAGEMENT)
    others["defaults"] = "put them below the tenant, as tenants[0].defaults"
    others["suppress"] += ", with 'tenant'"
    del others["tenants"]
    _refuse(spec, "a TenantSpec holds one tenant and nothing else", others)
    spec["properties"]["tenants"] |= {
        "description": "The tenant: one, in a list as everywhere else.",
        "minItems": 1,
        "maxItems": 1,
    }


def _facts(made: Schema) -> None:
    made["description"] = (
        "The facts about the management cluster that one tenant's plan needs, as "
        "'kubelb-gen export --tenant NAME' writes them."
    )
    spec = made["properties"]["spec"]
    spec["description"] = "The facts; of other tenants there are none."
    spec["required"] = ["kubelb", "management", "tenants"]
    _refuse(spec, _ABOUT_SERVICES, {"defaults": _OF_TENANT})
    spec["properties"]["tenants"] = {
        "description": "The tenant that the facts are for.",
        "type": "array",
        "items": {"$ref": "#/$defs/listedTenant"},
        "minItems": 1,
        "maxItems": 1,
    }
    _list_tenants(made)
    made["$defs"]["edge"]["properties"]["others"] = _OTHERS


def _overlay(made: Schema) -> None:
    whole = made["properties"]
    made["$defs"]["edge"]["properties"]["others"] = _OTHERS
    made |= partial(made, keep=("apiVersion", "kind", "metadata"))
    made["description"] = (
        "What differs in one environment. Maps merge, null deletes, named lists match "
        "by name and add nothing, other lists are replaced."
    )
    made["required"] = ["apiVersion", "kind", "metadata", "spec"]
    name = whole["metadata"]["properties"]["name"]
    name["description"] = "Name of the fleet that it is for."
    made["properties"]["spec"]["description"] = "What differs; any part of a spec."


_MAKERS: dict[str, Callable[[Schema], None]] = {
    MANAGEMENT: _management,
    TENANT: _tenant,
    FACTS: _facts,
    OVERLAY: _overlay,
}


def _list_tenants(made: Schema) -> None:
    listed = {**made["$defs"]["tenant"]}
    listed["description"] = "A tenant, and what the management cluster does for it."
    listed["properties"] = {**listed["properties"]}
    fields = [key for key in listed["properties"] if key not in _LISTED]
    why = "it is a fact about the tenant's own cluster"
    _refuse(listed, why, dict.fromkeys(fields, _OF_TENANT))
    made["$defs"]["listedTenant"] = listed


def _refuse(schema: Schema, why: str, fields: dict[str, str]) -> None:
    """Refuse *fields*, each with what to do in its place."""
    for key, hint in fields.items():
        schema["properties"][key] = {"description": why, "$comment": hint, "not": {}}


def _reached(made: Schema) -> Schema:
    """Return the definitions that are still used, in their order."""
    found: set[str] = set()
    pending = [made["properties"]]
    while pending:
        names = set(_references(pending.pop())) - found
        found |= names
        pending.extend(made["$defs"][name] for name in names)
    return {name: each for name, each in made["$defs"].items() if name in found}


def _references(node: Any) -> Iterable[str]:
    if isinstance(node, list):
        for each in node:
            yield from _references(each)
    elif isinstance(node, dict):
        for key, each in node.items():
            if key == "$ref":
                yield each.removeprefix("#/$defs/")
            else:
                yield from _references(each)
