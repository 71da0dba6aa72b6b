"""The other way in: a generator that kustomize calls with the path of a spec.

Contract: kustomize's exec plugins get the configuration's path as their first
argument and print the objects (api/internal/plugins/execplugin of
kubernetes-sigs/kustomize).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.artifacts.stream import yaml_stream
from kubelb_gen.diagnostics import Severity
from kubelb_gen.document import parse
from kubelb_gen.errors import InvalidSpecError
from kubelb_gen.krm.estate import rendered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.document import Source


def generate(
    sources: Iterable[Source],
    overlays: Iterable[Source] = (),
    *,
    cluster: str | None = None,
    templates: str | None = None,
) -> tuple[str, tuple[Diagnostic, ...]]:
    """Return the objects of the fleet in *sources* as YAML, and what was found.

    *overlays* are laid over it in their order.

    Never an empty stream: an orchestrator that prunes would take it for the wish to
    have nothing.  Raises `SpecError` in its place.
    """
    made = rendered(
        map(parse, sources), map(parse, overlays), cluster=cluster, templates=templates
    )
    errors = [each for each in made.findings if each.severity is Severity.ERROR]
    if errors:
        raise InvalidSpecError(errors)
    return yaml_stream(made.artifacts), made.findings
