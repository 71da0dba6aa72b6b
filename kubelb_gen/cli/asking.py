"""What `render` is asked for, and what nobody can ask of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubelb_gen.cli.wording import unknown
from kubelb_gen.errors import UsageError
from kubelb_gen.render.draft import MANAGEMENT, Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def refuse_contradictions(options: dict[str, Any]) -> None:
    """Raise `UsageError` where *options* of `render` contradict each other."""
    written = options["output"] is not None
    printing = [
        flag
        for flag, is_given in (
            ("--cluster", options["cluster"] is not None),
            ("--all", options["every"]),
            ("--expected", options["expected"]),
            ("--only", options["only"] is not None),
            ("--format", options["layout"] != "yaml"),
        )
        if is_given
    ]
    for is_contradiction, message in (
        (options["output"] == "", "-o names no folder"),
        (
            written and _is_where_specs_are(options["output"], options["specs"]),
            f"-o {options['output']} is the folder of the spec: name one inside it",
        ),
        (
            options["check"] and not written,
            "--check compares with a folder: name it with -o",
        ),
        (
            options["force"] and not written,
            "--force is about writing: name a folder with -o",
        ),
        (
            options["force"] and options["check"],
            "--check writes nothing, so there is nothing to --force",
        ),
        (
            options["cluster"] is not None and options["every"],
            "--cluster and --all contradict each other",
        ),
        (
            written and printing,
            f"{', '.join(printing)} is about printing, -o writes the whole tree",
        ),
    ):
        if is_contradiction:
            raise UsageError(message)


def kinds_of(only: str | None) -> frozenset[str]:
    """Return the kinds that `--only` names; raises `UsageError` for a stranger."""
    if only is None:
        return frozenset()
    kinds = [each.strip() for each in only.split(",")]
    for kind in kinds:
        if kind not in set(Kind):
            raise UsageError(unknown("kind of output", kind, Kind))
    return frozenset(kinds)


def refuse_unknown_cluster(tenants: Iterable[str], options: dict[str, Any]) -> None:
    """Raise `UsageError` where `--cluster` names none of *tenants*, or management."""
    wanted, known = options["cluster"], [MANAGEMENT, *sorted(tenants)]
    if wanted is not None and wanted not in known:
        raise UsageError(unknown("cluster", wanted, known))


def refuse_a_mixture(clusters: Collection[str], options: dict[str, Any]) -> None:
    """Raise `UsageError` where objects of *clusters* would be printed as one stream."""
    if len(clusters) > 1 and options["cluster"] is None and not options["every"]:
        message = (
            f"there is output for several clusters ({', '.join(sorted(clusters))}): "
            "choose with --cluster NAME, or take --all"
        )
        raise UsageError(message)


def _is_where_specs_are(output: str, specs: tuple[str, ...]) -> bool:
    # Unlike Path's, isdir says no where the system refuses the very name.
    return os.path.isdir(output) and any(  # noqa: PTH112
        os.path.isdir(each) and Path(output).samefile(each)  # noqa: PTH112
        for each in specs
    )
