"""What rules that look across Services have to know of each part of a fleet.

Most rules judge a Service by itself, by its tenant and by the management cluster: what
they find in a fleet is what they find in its parts, where each part has some of the
Services and all of the rest.  The others are listed here.  `evidence` of a part is what
of it matters to them beyond it; from that of all parts `suspects` tells whether they
may find something else in the whole than in the parts.

A part need not have every topic of the whole (`registry.rules_about`): a rule that is
not asked for lack of its topic finds nothing in that part, and has no evidence there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kubelb_gen.checks.registry import RULES, rules_about

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from typing import Protocol

    from kubelb_gen.plan import Plan

    class Across(Protocol):
        """What the module of a rule has that looks across Services.

        Its `check` starts from its `evidence`.
        """

        def evidence(self, plan: Plan) -> Iterator[Evidence]:
            """Yield what of *plan*, a part of a fleet, matters beyond it."""

        def suspects(self, evidence: Iterable[Evidence]) -> bool:
            """Tell whether the whole may say more, or less, than its parts."""


# What is known of a part; the first text is the id of the rule.
Evidence = tuple[str, ...]
ACROSS = (
    "cilium-dsr-idle",
    "cilium-dsr-udp-mtu",
    "mount-unusable",
    "object-name-taken",
    "provider-unverified",
)
# Those whose findings are more than notes, which a rendered tree comes without.
WARNED = ("cilium-dsr-udp-mtu", "mount-unusable", "object-name-taken")
# Of those, who looks across tenants, too.
WARNED_ACROSS_TENANTS = ("cilium-dsr-udp-mtu",)


def evidence(plan: Plan, rules: Container[str] = ACROSS) -> Iterator[Evidence]:
    """Yield what matters of *plan*, a part of a fleet, to *rules* across parts.

    Each is a tuple of texts, and the same for the same part.
    """
    for rule in rules_about(plan):
        if rule.ID in rules:
            yield from _rule(rule.ID).evidence(plan)


def suspects(evidence: Iterable[Evidence]) -> bool:
    """Tell whether a rule may find else in a whole than in parts with *evidence*.

    What all parts say is to be given at once, in any order; the same twice is like
    once.
    """
    by_rule: dict[str, list[Evidence]] = {}
    for each in evidence:
        by_rule.setdefault(each[0], []).append(each)
    return any(_rule(name).suspects(said) for name, said in by_rule.items())


def contested(evidence: Iterable[Evidence]) -> bool:
    """Tell whether of one thing, the second text, different things are said."""
    known: dict[str, Evidence] = {}
    return any(known.setdefault(each[1], each) != each for each in evidence)


def _rule(name: str) -> Across:
    return cast("Across", RULES[name])
