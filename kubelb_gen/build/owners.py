"""Whose documents these are, and whether they are about one estate.

A ManagementSpec lists the tenants that there are, each says what it is in a
TenantSpec.  ManagementFacts are what one tenant needs of the management cluster, and
good for that tenant alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.schema import did_you_mean
from kubelb_gen.schema.kinds import FACTS, TENANT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.build.findings import Findings
    from kubelb_gen.build.merge import Parts

_MOST_NAMED = 5


def check_owners(parts: Parts, findings: Findings) -> None:
    """Record tenants that are not among those listed, and those that say nothing."""
    if parts.facts is not None and len(parts.listings) > 1:
        # `kubelb` and `management` are there twice: that is told, and enough.
        return
    check = _check_listed if parts.facts is None else _check_facts
    strangers = check(parts, findings)
    silent = sorted(parts.listed.keys() - parts.stated.keys() - parts.elsewhere)
    if silent and not strangers and findings.is_complete:
        _tell_silent(silent, parts, findings)


def lacks_facts(parts: Parts) -> bool:
    """Tell whether there are tenants' documents and nothing else."""
    return parts.kinds == {TENANT}


def tell_lack_of_facts(parts: Parts, findings: Findings) -> None:
    """Record that nothing is known of the management cluster, and how to know it."""
    tenant = next(iter(parts.stated))
    findings.missing(
        "missing-facts",
        f"tenant '{tenant}' needs the facts about the management cluster, and no "
        "document here has them",
        parts.first.at / "kind",
        hint="its owner writes them with 'kubelb-gen export --tenant "
        f"{tenant} SPEC > facts.yaml': name that file as well",
    )


def _check_facts(parts: Parts, findings: Findings) -> bool:
    owner = next(iter(parts.listed))
    findings.explain_missing(
        "facts hold what the tenant used when they were exported: ask for new ones"
    )
    strangers = parts.stated.keys() - {owner}
    for name in strangers:
        node = parts.stated[name]
        findings.error(
            "another-tenant",
            f"the {FACTS} are for tenant '{owner}', this is '{name}'",
            node.at,
            label=findings.first("said", parts.listed[owner].at, node.at),
            hint=f"'kubelb-gen export --tenant {name}' writes those of this one",
        )
    return bool(strangers)


def _check_listed(parts: Parts, findings: Findings) -> bool:
    strangers = parts.owned.keys() - parts.listed.keys() if parts.listed else set()
    for name in strangers:
        findings.error(
            "unlisted-tenant",
            f"tenant '{name}' is not among the tenants of the ManagementSpec",
            parts.owned[name].at,
            hint=did_you_mean(name, parts.listed)
            or "tenants: " + ", ".join(sorted(parts.listed)),
        )
    return bool(strangers)


def _tell_silent(silent: list[str], parts: Parts, findings: Findings) -> None:
    place = parts.listed[silent[0]].at
    if parts.facts is not None:
        findings.warning(
            "tenant-unstated",
            f"nothing is said of tenant '{silent[0]}', for which these facts are",
            place,
            hint="name its TenantSpec as well",
        )
        return
    findings.warning(
        "tenant-unstated",
        f"nothing is said of {_named(silent)}: management/ is decided as if no "
        "service and no gateway were there",
        place,
        hint="name the TenantSpec of each as well",
    )


def _named(names: Iterable[str]) -> str:
    quoted = [f"'{each}'" for each in names]
    if len(quoted) == 1:
        return f"tenant {quoted[0]}"
    shown = ", ".join(quoted[:_MOST_NAMED])
    rest = len(quoted) - _MOST_NAMED
    return f"tenants {shown}" + (f" and {rest} more" if rest > 0 else "")
