"""Which address each backend will see, hop by hop, and why.

A flow starts with a source and walks the path; every hop changes what it carries.
Forging is simulated: the same flow is sent again with a lie in every place that a
client can write.  Nothing here reads rendered text: `render` and `trace` know only the
plan.
"""

from kubelb_gen.trace.path import (
    Application,
    Carried,
    FlowKind,
    Hop,
    Identity,
    Layer,
    Lie,
    LiePlace,
    Origin,
    Path,
    Role,
    Setting,
    Snat,
    Verdict,
)

__all__ = [
    "Application",
    "Carried",
    "FlowKind",
    "Hop",
    "Identity",
    "Layer",
    "Lie",
    "LiePlace",
    "Origin",
    "Path",
    "Role",
    "Setting",
    "Snat",
    "Verdict",
]
