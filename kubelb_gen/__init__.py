"""Settings that let the backend see the client, for every hop of KubeLB.

    fleet = kubelb_gen.load("specs/")
    kubelb_gen.check(fleet).errors
    kubelb_gen.render(fleet).write("out/")

Importing this package imports nothing else: names are looked up on first use.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from kubelb_gen.adopt import Adopted
    from kubelb_gen.api import (
        adopt,
        check,
        diff,
        drift,
        export,
        from_data,
        load,
        render,
        rollout,
        trace,
    )
    from kubelb_gen.artifacts import Artifact, Artifacts
    from kubelb_gen.checks import Report
    from kubelb_gen.diagnostics import Diagnostic, Location, Severity
    from kubelb_gen.diff import Changes
    from kubelb_gen.drift import Drift
    from kubelb_gen.errors import (
        KubelbGenError,
        OutputError,
        RenderError,
        SpecError,
        TemplateError,
        UsageError,
    )
    from kubelb_gen.model import Fleet
    from kubelb_gen.rollout import Rollout
    from kubelb_gen.running import read_dumps

__all__ = [
    "Adopted",
    "Artifact",
    "Artifacts",
    "Changes",
    "Diagnostic",
    "Drift",
    "Fleet",
    "KubelbGenError",
    "Location",
    "OutputError",
    "RenderError",
    "Report",
    "Rollout",
    "Severity",
    "SpecError",
    "TemplateError",
    "UsageError",
    "__version__",
    "adopt",
    "check",
    "diff",
    "drift",
    "export",
    "from_data",
    "load",
    "read_dumps",
    "render",
    "rollout",
    "trace",
]

_HOMES = {
    "adopt": ("Adopted",),
    "api": (
        "adopt",
        "check",
        "diff",
        "drift",
        "export",
        "from_data",
        "load",
        "render",
        "rollout",
        "trace",
    ),
    "artifacts": ("Artifact", "Artifacts"),
    "checks": ("Report",),
    "diff": ("Changes",),
    "drift": ("Drift",),
    "diagnostics": ("Diagnostic", "Location", "Severity"),
    "errors": (
        "KubelbGenError",
        "OutputError",
        "RenderError",
        "SpecError",
        "TemplateError",
        "UsageError",
    ),
    "model": ("Fleet",),
    "rollout": ("Rollout",),
    "running": ("read_dumps",),
}


def __getattr__(name: str) -> object:
    """Import the home of a public *name* on first use."""
    from kubelb_gen.lazily import names  # noqa: PLC0415

    return names(__name__, _HOMES)(name)


def __dir__() -> list[str]:
    """List the public names, for completion where none has been used yet."""
    return __all__


class _Package(ModuleType):
    """Keeps the functions that share their names with packages of ours.

    Importing `kubelb_gen.render` ends with binding that package to the name `render`
    here, where users find the function; `sys.modules` still has the package.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name not in __all__ or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
