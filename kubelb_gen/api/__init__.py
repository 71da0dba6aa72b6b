"""The pipeline as a handful of functions: what `import kubelb_gen` offers.

Nothing here prints, exits or touches the network; every import that costs is made
when it is needed, those of this package's own modules included.
"""

from typing import TYPE_CHECKING

from kubelb_gen.lazily import names

if TYPE_CHECKING:
    from kubelb_gen.api.comparing import (
        check_is_laid_out,
        compare,
        diff,
        own_templates,
    )
    from kubelb_gen.api.judging import check, trace
    from kubelb_gen.api.loading import from_data, from_sources, load, read_state
    from kubelb_gen.api.owners import export, silent_tenants
    from kubelb_gen.api.programs import applications, snippet
    from kubelb_gen.api.rendering import render, render_and_report
    from kubelb_gen.api.running import adopt, drift, facts_of
    from kubelb_gen.api.stepping import rollout, steps

__all__ = [
    "adopt",
    "applications",
    "check",
    "check_is_laid_out",
    "compare",
    "diff",
    "drift",
    "export",
    "facts_of",
    "from_data",
    "from_sources",
    "load",
    "own_templates",
    "read_state",
    "render",
    "render_and_report",
    "rollout",
    "silent_tenants",
    "snippet",
    "steps",
    "trace",
]

_HOMES = {
    "comparing": ("check_is_laid_out", "compare", "diff", "own_templates"),
    "judging": ("check", "trace"),
    "loading": ("from_data", "from_sources", "load", "read_state"),
    "owners": ("export", "silent_tenants"),
    "programs": ("applications", "snippet"),
    "rendering": ("render", "render_and_report"),
    "running": ("adopt", "drift", "facts_of"),
    "stepping": ("rollout", "steps"),
}

__getattr__ = names(__name__, _HOMES)
