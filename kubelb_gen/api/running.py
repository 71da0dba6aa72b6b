"""What runs, beside a spec or without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.api.loading import built

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kubelb_gen.adopt import Adopted, Given
    from kubelb_gen.drift import Drift
    from kubelb_gen.model import Fleet
    from kubelb_gen.running import Dump


def adopt(dumps: Iterable[Dump], given: Given | None = None) -> Adopted:
    """Make a spec of what runs: *dumps* are what `running.read_dumps` returns.

    Raises `SpecError` with every problem of every dump, each with file and line.
    """
    from kubelb_gen.adopt import Given as Words
    from kubelb_gen.adopt import adopt as make

    return make(dumps, given or Words())


def facts_of(*paths: str | Path) -> dict[str, Any]:
    """Return what the spec in *paths* says of the estate, services left out.

    Its documents are merged.  Raises what `load` does.
    """
    from kubelb_gen.document import Sources, parse, read_sources

    sources = Sources(parse(source) for source in read_sources(paths))
    built(sources)
    facts: dict[str, Any] = {}
    tenants: dict[str, dict[str, Any]] = {}
    for document in sources.documents:
        spec = document.data["spec"]
        facts |= {key: spec[key] for key in ("kubelb", "management") if key in spec}
        facts.setdefault("cidrSets", {}).update(spec.get("cidrSets", {}))
        for tenant in spec.get("tenants", ()):
            tenants.setdefault(tenant["name"], {}).update(tenant)
    facts["tenants"] = list(tenants.values())
    return facts


def drift(
    fleet: Fleet, dumps: Iterable[Dump], *, templates: str | Path | None = None
) -> Drift:
    """Say how what runs differs from what *fleet* renders, and what that means.

    *dumps* are what `running.read_dumps` returns; *templates* is a folder of templates
    as for `render`.  Raises `SpecError` where a dump cannot be read, or a template
    fails or writes what is no object.
    """
    from kubelb_gen.drift import drift as compare

    if templates is None:
        return compare(fleet, dumps)
    from kubelb_gen.render.own.templates import OwnTemplates

    return compare(fleet, dumps, OwnTemplates(str(templates)))
