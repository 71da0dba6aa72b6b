"""The function itself: what is asked, what is answered, and what is said about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.document import Source, parse
from kubelb_gen.krm.estate import Rendered, not_local, rendered
from kubelb_gen.krm.item import without_orchestration
from kubelb_gen.krm.marking import in_our_layout
from kubelb_gen.krm.merging import conflicts, merged, removed
from kubelb_gen.krm.resource_list import ResourceList, read
from kubelb_gen.krm.results import result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubelb_gen.krm.item import Item

_SETTINGS = ("cluster",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes to standard output, and the findings behind its results.

    *removed* names the items that went: no result, since a second run finds none.
    """

    text: str
    findings: tuple[Diagnostic, ...]
    removed: tuple[str, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The findings that make a run fail; its items are then those that came in."""
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)


def answer(
    source: Source,
    *,
    cluster: str | None = None,
    force: bool = False,
    templates: str | None = None,
) -> Answer:
    """Return the ResourceList in *source* with the objects of its specs.

    *cluster* is what is asked for on the command line; *force* overwrites items that
    are somebody else's.  Raises `LoadError` where *source* holds no ResourceList.
    """
    given = read(source)
    run = _Run(given, force=force, templates=templates)
    run.take(cluster)
    return Answer(
        text=replace(given, items=tuple(run.items), results=tuple(run.results)).text(),
        findings=tuple(run.findings),
        removed=tuple(run.removed),
    )


class _Run:
    """Collects findings about all specs of a list before any of them counts."""

    def __init__(
        self, given: ResourceList, *, force: bool, templates: str | None
    ) -> None:
        self._given = given
        self._templates = templates
        self._force = force
        self.items = list(given.items)
        self.findings: list[Diagnostic] = []
        self.results: list[dict[str, Any]] = []
        self.removed: list[str] = []

    def take(self, cluster: str | None) -> None:
        """Render every fleet and put it among the items, or leave them as they are."""
        config = self._given.config
        cluster = cluster or self._configured(config)
        fleets = _fleets(self._given)
        if not fleets:
            self._tell([_no_spec()], {})
        items = self.items
        for specs in fleets:
            self._tell(_warnings(specs, config), specs)
            made = self._rendered(specs, cluster)
            self._tell(made.findings, specs)
            items = self._placed(items, made)
        if any(each.severity is Severity.ERROR for each in self.findings):
            self.removed = []
        else:
            self.items = items

    def _rendered(self, specs: dict[str, Item], cluster: str | None) -> Rendered:
        parsed = {name: parse(Source(name, item.text)) for name, item in specs.items()}
        # Only the configuration says which overlay is meant: items may hold several.
        overlays = [
            parsed.pop(name)
            for name, item in specs.items()
            if item is self._given.config and item.is_overlay
        ]
        made = rendered(
            parsed.values(), overlays, cluster=cluster, templates=self._templates
        )
        if self._templates is None:
            return made
        return replace(made, artifacts=tuple(map(in_our_layout, made.artifacts)))

    def _placed(self, items: list[Item], made: Rendered) -> list[Item]:
        if not made.artifacts:
            return items
        for finding, item in () if self._force else conflicts(items, made):
            self._say(finding, item)
        self.removed += removed(items, made)
        return merged(items, made)

    def _configured(self, config: Item | None) -> str | None:
        if config is None or config.is_spec:
            return None
        data = config.data.get("data")
        if config.data.get("kind") != "ConfigMap" or not isinstance(data, dict):
            self._say(_odd_config("functionConfig is no ClientIPSpec"), config)
            return None
        for key in sorted(map(str, data.keys() - set(_SETTINGS))):
            self._say(_odd_config(f"functionConfig has no setting '{key}'"), config)
        return str(data["cluster"]) if "cluster" in data else None

    def _tell(self, findings: Iterable[Diagnostic], specs: dict[str, Item]) -> None:
        for each in findings:
            source = each.at.source if each.at else ""
            if not source and each.location is not None:
                source = each.location.source
            self._say(each, specs.get(source))

    def _say(self, finding: Diagnostic, item: Item | None) -> None:
        self.findings.append(finding)
        self.results.append(result(finding, item))


def _fleets(given: ResourceList) -> list[dict[str, Item]]:
    """Return the specs by fleet, each under the name of its source.

    A spec that is the configuration is rendered with what items say of its fleet, and
    an overlay that is the configuration is laid over that; orchestrators may list the
    configuration among the items, too.
    """
    named = [(f"items[{at}]", item) for at, item in enumerate(given.items)]
    specs = [(place, item) for place, item in named if item.is_spec]
    config = given.config
    if config is not None and config.is_spec:
        own, name = without_orchestration(config.data), config.metadata.get("name")
        others = (
            (place, item)
            for place, item in specs
            if item.metadata.get("name") == name
            and without_orchestration(item.data) != own
        )
        specs = [("functionConfig", config), *others]
    fleets: dict[str, dict[str, Item]] = {}
    for place, item in specs:
        fleet = fleets.setdefault(str(item.metadata.get("name")), {})
        name = _source_name(item)
        # Two may say that they are from one place of one file.
        fleet[place if name is None or name in fleet else name] = item
    return list(fleets.values())


def _source_name(item: Item) -> str | None:
    if item.file is None:
        return None
    path, index = item.file
    return f"{path}[{index}]" if index else path


def _warnings(specs: dict[str, Item], config: Item | None) -> Iterator[Diagnostic]:
    for name, spec in specs.items():
        if spec is not config and (warning := not_local(name, spec)):
            yield warning


def _no_spec() -> Diagnostic:
    return Diagnostic(
        id="no-spec",
        severity=Severity.ERROR,
        message="neither functionConfig nor any item is a ClientIPSpec",
    )


def _odd_config(message: str) -> Diagnostic:
    return Diagnostic(
        id="function-config",
        severity=Severity.ERROR,
        message=message,
        hint="it is a ClientIPSpec, or a ConfigMap with 'cluster' in its data",
    )
