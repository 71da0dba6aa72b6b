"""A schema with nothing required, for what is laid over a whole document.

A field may be null, which deletes it.  Items of named lists are partial too, and
named; those of other lists are whole, since such a list is replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

Schema = dict[str, Any]

# What items are called by.  A port may stand by its number in the place of a name.
NAMED = {
    "tenants": ("name",),
    "services": ("name",),
    "ports": (),
    "gateways": ("name",),
    "ingresses": ("name",),
    "backends": ("name",),
    "edges": ("name",),
}
_ORNULL = "OrNull"
_ABOUT_WHOLES = ("required", "allOf", "minProperties", "default")


def partial(schema: Schema, *, keep: Collection[str] = ()) -> Schema:
    """Return *schema* with nothing required; its properties *keep* stay as they are."""
    definitions = schema["$defs"]
    made = _partial({key: each for key, each in schema.items() if key != "$defs"})
    for key in keep:
        made["properties"][key] = schema["properties"][key]
    made["$defs"] = {}
    for name, each in definitions.items():
        is_whole = "properties" not in each or name == "suppression"
        part = each if is_whole else _partial(each)
        made["$defs"][name] = part
        made["$defs"][name + _ORNULL] = _nullable(_partial(each))
    return made


def _partial(schema: Schema) -> Schema:
    made = {key: each for key, each in schema.items() if key not in _ABOUT_WHOLES}
    if "properties" in schema:
        made["properties"] = {
            key: _named_list(each, NAMED[key])
            if key in NAMED
            else _nullable(_partial(each))
            for key, each in schema["properties"].items()
        }
    if isinstance(schema.get("additionalProperties"), dict):
        inner = schema["additionalProperties"]
        made["additionalProperties"] = _nullable(_partial(inner))
    return made


def _named_list(schema: Schema, names: tuple[str, ...]) -> Schema:
    items = {"$ref": schema["items"]["$ref"]}
    if names:
        items["required"] = list(names)
    return {
        "description": f"{schema['description']} Items match by name.",
        "type": "array",
        "items": items,
    }


def _nullable(schema: Schema) -> Schema:
    if "not" in schema:
        return schema
    if "$ref" in schema:
        return {**schema, "$ref": schema["$ref"] + _ORNULL}
    made = dict(schema)
    if "const" in made:
        made["enum"] = [made.pop("const")]
    if "enum" in made:
        made["enum"] = [*made["enum"], None]
    if "type" in made:
        types = made["type"] if isinstance(made["type"], list) else [made["type"]]
        made["type"] = [*types, "null"]
    return made
