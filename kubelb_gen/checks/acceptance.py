"""Which suppression of a spec, if any, accepts a finding.

Both sides are indexed, since a fleet of thousands may suppress thousands: a finding by
the tenants, services and ports that its place lies within, a suppression by its words.
"""

from collections.abc import Iterator
from itertools import product

from kubelb_gen.diagnostics import DataPath, Diagnostic, Key
from kubelb_gen.model import Fleet, Suppression

# Tenant, namespace, service and port; None is any.
_Names = tuple[str | None, str | None, str | None, str | None]
_ANYWHERE: _Names = (None, None, None, None)


class Acceptance:
    """The suppressions of a fleet, ready to be asked about its findings."""

    def __init__(self, fleet: Fleet) -> None:
        self._suppressions = fleet.suppressions
        self._first: dict[tuple[str, _Names], int] = {}
        for index, each in enumerate(fleet.suppressions):
            words = (each.tenant, each.namespace, each.service, each.port)
            self._first.setdefault((each.rule, words), index)
        self._names: dict[DataPath | None, list[_Names]] = {}
        for place, names in _places(fleet) if self._first else ():
            self._names.setdefault(place, []).append(names)

    def of(self, finding: Diagnostic) -> Suppression | None:
        """Return the first suppression that covers *finding*."""
        indices = {
            self._first.get((finding.id, words))
            for words in self._words(finding.about or finding.at)
        }
        covering = [each for each in indices if each is not None]
        return self._suppressions[min(covering)] if covering else None

    def _words(self, at: DataPath | None) -> Iterator[_Names]:
        yield _ANYWHERE
        if at is None:
            return
        for depth in range(len(at.keys) + 1):
            keys: tuple[Key, ...] = at.keys[:depth]
            for names in self._names.get(DataPath(at.source, at.document, keys), ()):
                yield from product(*((None, name) for name in names))


def _places(fleet: Fleet) -> Iterator[tuple[DataPath | None, _Names]]:
    for tenant in fleet.tenants:
        yield tenant.at, (tenant.name, None, None, None)
        for service in tenant.services:
            owner = (tenant.name, service.namespace, service.name)
            yield service.at, (*owner, None)
            for port in service.ports:
                yield port.at, (*owner, port.name)
        for gateway in tenant.gateways:
            yield gateway.at, (tenant.name, gateway.namespace, gateway.name, None)
            for backend in gateway.backends:
                owner = (tenant.name, backend.namespace, backend.name)
                yield backend.at, (*owner, None)
