"""A fleet in parts, each with some of the Services and all of the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kubelb_gen.build.claims import claims, repeated
from kubelb_gen.checks import run
from kubelb_gen.checks.evidence import evidence, suspects
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.plan.propagation import joined, with_propagation
from kubelb_gen.render import (
    cilium,
    envoy_bootstrap,
    envoy_proxy,
    ingress_nginx,
    tenant,
    traffic_policy,
)
from kubelb_gen.render.tree import render_part
from kubelb_gen.trace.meaning import meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.model import Fleet, Service
    from kubelb_gen.plan import Plan
    from kubelb_gen.render.draft import Draft

# Nothing of a Service goes into their files, but for the list that all parts join.
ALIKE = (cilium, envoy_proxy, ingress_nginx, tenant, traffic_policy)


def part(fleet: Fleet, has: Callable[[Service], bool]) -> Fleet:
    """*fleet* with the Services that it *has*."""
    return replace(
        fleet,
        tenants=tuple(
            replace(each, services=tuple(filter(has, each.services)))
            for each in fleet.tenants
        ),
    )


def planned_together(parts: Sequence[Fleet]) -> list[Plan]:
    """What is decided of each of *parts*, with the lists that all of them need."""
    plans = [make_plan(each) for each in parts]
    lists = {
        first.tenant.name: joined(each.tenants[number].propagated for each in plans)
        for number, first in enumerate(plans[0].tenants)
    }
    return [with_propagation(each, lists) for each in plans]


def told(found: Iterable[Diagnostic]) -> set[object]:
    return {
        (each.id, each.severity, each.message, each.at, each.about) for each in found
    }


def findings(plan: Plan) -> set[object]:
    report = run(plan)
    accepted = {
        (reason, *told([each.finding]))
        for each in report.suppressed
        for reason in [each.reason]
    }
    return told(report.findings) | accepted


def files(plan: Plan) -> dict[str, str]:
    return {each.path: each.text for each in render_part(plan)}


def merged(records: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The *records* in the order of tenants, and of names within what is one's own."""

    def place(record: Mapping[str, Any]) -> tuple[object, ...]:
        owner, *names = record["path"].rpartition(":")[0].split("/")
        # Behind a gateway, which every part has, its name stands before the others.
        routed = len(names) > len(("namespace", "name"))
        return owner, routed, *(() if routed else names)

    return sorted(records, key=place)


def in_common(parts: Iterable[Fleet]) -> set[str]:
    """What tells that *parts* need not show what the whole is: claims and rules."""
    plans = [make_plan(each) for each in parts]
    claimed = [claim for each in plans for claim in claims(each.fleet)]
    known = [said for each in plans for said in evidence(each)]
    assert all(isinstance(text, str) for each in (*claimed, *known) for text in each)
    tellers = {
        kind
        for kind in {each[0] for each in claimed}
        if repeated(each for each in claimed if each[0] == kind)
    } | {
        rule
        for rule in {each[0] for each in known}
        if suspects(each for each in known if each[0] == rule)
    }
    assert bool(tellers) == (repeated(claimed) or suspects(known))

    return tellers


def assert_law(whole: Fleet, parts: list[Fleet]) -> None:
    """Assert that *parts* together are the *whole*."""
    plan, (rest, *plans) = make_plan(whole), planned_together([bare(whole), *parts])

    assert findings(plan) == set().union(*map(findings, plans))
    assert files(plan) == disjoint(files(rest), map(files, plans))
    assert list(envoy_bootstrap.drafts(plan)) == bootstraps(plan, plans)
    for renderer in ALIKE:
        for each in (rest, *plans):
            assert list(renderer.drafts(plan)) == list(renderer.drafts(each))
    behind = list(meaning(rest))
    own = [each for one in plans for each in meaning(one) if each not in behind]
    assert list(meaning(plan)) == merged([*behind, *own])


def bare(fleet: Fleet) -> Fleet:
    return part(fleet, lambda _: False)


def bootstraps(whole: Plan, parts: Iterable[Plan]) -> list[Draft]:
    fragments = [each for one in parts for each in envoy_bootstrap.fragments(one)]
    return [
        draft
        for each in whole.fleet.tenants
        for draft in envoy_bootstrap.assembled(
            whole.fleet, each, [one for owner, one in fragments if owner == each.name]
        )
    ]


def disjoint(
    shared: Mapping[str, Any], parts: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """The union of *parts*, which have nothing in common but what is *shared*."""
    union = dict(shared)
    for each in parts:
        assert shared.items() <= each.items()
        own = each.keys() - shared.keys()
        assert union.keys().isdisjoint(own)
        union |= {key: each[key] for key in own}
    return union


def split(whole: Fleet, places: Sequence[int]) -> list[Fleet]:
    """Parts of *whole*, each Service in that of its number in *places*."""
    services = [each for owner in whole.tenants for each in owner.services]
    part_of = {id(each): places[n % len(places)] for n, each in enumerate(services)}
    return [
        part(whole, lambda each, number=number: part_of[id(each)] == number)  # type: ignore[misc]
        for number in sorted({*places})
    ]
