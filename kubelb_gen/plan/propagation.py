"""Which annotations of a tenant Service reach KubeLB's Envoy Service.

None do unless Config or Tenant lets them through.  A Tenant's `propagatedAnnotations`
replaces Config's, so ours is the union of both.  A value in such a list is a
comma-separated list of exact values, trimmed; the empty one means any.

Source: kubelb v1.4.3, `internal/kubelb/utils.go`, PropagateAnnotations, and
`internal/controllers/kubelb/shared.go`, GetAnnotations.  Releases after it also read
keys as shell patterns, which a spec cannot hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from kubelb_gen.catalogue import ProxySupport
from kubelb_gen.model import KubeLB
from kubelb_gen.plan.facts import BalancerFacts, Plan

_ANY = ""


def flows(annotations: Mapping[str, str], allowed: Mapping[str, str]) -> dict[str, str]:
    """Keep the annotations that the list *allowed* lets through.

    >>> flows({"a/pp": "v2", "a/size": "L"}, {"a/pp": "v1, v2"})
    {'a/pp': 'v2'}
    """
    return {
        key: value
        for key, value in annotations.items()
        if key in allowed and _permits(allowed[key], value)
    }


def reaching(
    annotations: Mapping[str, str], kubelb: KubeLB, propagated: Mapping[str, str] | None
) -> dict[str, str]:
    """Keep what reaches the Envoy Service, *propagated* being the Tenant's own list.

    Without one, Config alone decides.
    """
    if propagated is not None:
        return flows(annotations, propagated)
    if kubelb.propagate_all_annotations:
        return dict(annotations)
    return flows(annotations, kubelb.propagated_annotations)


def decide_propagation(
    kubelb: KubeLB, balancers: Iterable[BalancerFacts]
) -> Mapping[str, str] | None:
    """Return the list that the Tenant of *balancers* needs; None when Config's does.

    A key that has to be added lets its values for on and for off through: KubeLB never
    takes an annotation away, so turning PROXY off means writing the other value.
    """
    missing: dict[str, set[str]] = {}
    for balancer in balancers:
        reached = reaching(balancer.annotations, kubelb, None)
        for key in balancer.annotations.keys() - reached.keys():
            values = missing.setdefault(key, set())
            values.add(balancer.annotations[key])
            values.update(_switch_values(balancer.balancer.provider.proxy, key))
    if not missing:
        return None
    config = kubelb.propagated_annotations
    added = {
        key: _value_list(values | _entries(config[key]) if key in config else values)
        for key, values in missing.items()
    }
    return dict(sorted({**config, **added}.items()))


def joined(lists: Iterable[Mapping[str, str] | None]) -> Mapping[str, str] | None:
    """Return the list that a Tenant needs of whose balancers *lists* know a part each.

    >>> joined([{"a/pp": "v1"}, None, {"a/pp": "v2", "a/size": "L"}])
    {'a/pp': 'v1,v2', 'a/size': 'L'}
    """
    known: dict[str, dict[str, None]] = {}
    for each in lists:
        for key, values in (each or {}).items():
            known.setdefault(key, {})[values] = None
    if not known:
        return None
    return {key: _any_of(tuple(texts)) for key, texts in sorted(known.items())}


def with_propagation(plan: Plan, lists: Mapping[str, Mapping[str, str] | None]) -> Plan:
    """Return *plan* where the tenants that *lists* names have the list it gives them.

    A part of a fleet is to be judged and written with the `joined` list of all parts.
    """
    return replace(
        plan,
        tenants=tuple(
            replace(each, propagated=lists.get(each.tenant.name, each.propagated))
            for each in plan.tenants
        ),
    )


def _any_of(texts: tuple[str, ...]) -> str:
    if len(texts) == 1:
        # As Config writes it, where nothing has to be added.
        return texts[0]
    if _ANY in texts:
        return _ANY
    return ",".join(sorted(set[str]().union(*map(_entries, texts))))


def _permits(values: str, value: str) -> bool:
    return values == _ANY or value in _entries(values)


def _entries(values: str) -> set[str]:
    return {each.strip() for each in values.split(",")}


def _switch_values(support: ProxySupport | None, key: str) -> set[str]:
    if support is None:
        return set()
    switches = (*support.enable.values(), support.disable)
    values = {switch[key] for switch in switches if key in switch}
    return values | support.values_of_port(key)


def _value_list(values: set[str]) -> str:
    # KubeLB splits at commas and trims, so such a value never equals an entry.
    if any("," in each or each != each.strip() for each in values):
        return _ANY
    return ",".join(sorted(values))
