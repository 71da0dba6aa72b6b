"""A pipeline of your own: pipeline.py OLD NEW OUT, where both sides are specs.

Writes a stream of objects for each cluster into OUT, for whoever delivers to clusters
one by one, and refuses while a backend would lose its client or a merge in one step
would break connections.  Exits 0 with what changed, 1 when it refuses, 3 for a spec
that cannot be used.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import kubelb_gen

if TYPE_CHECKING:
    from collections.abc import Iterator


def main(old: str, new: str, out: str) -> int:
    """Compare, refuse or write, and say which."""
    try:
        before, after = kubelb_gen.load(old), kubelb_gen.load(new)
        artifacts = kubelb_gen.render(after)
        changes = kubelb_gen.diff(before, after)
    except kubelb_gen.SpecError as error:
        for finding in error.diagnostics:
            where = finding.location
            place = f"{where.source}:{where.line}: " if where else ""
            say(f"{place}{finding.message}")
        return error.exit_code
    lost = changes.regressions
    refused = [*lost, *(each for each in changes.unsafe if each not in lost)]
    for change in refused:
        say(f"refused: {change.transition.path} from {change.transition.source}")
    if refused:
        return 1
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    for cluster, text in streams(artifacts):
        (folder / f"{cluster}.yaml").write_text(text, "utf-8")
        say(f"wrote {cluster}.yaml")
    return 0


def streams(artifacts: kubelb_gen.Artifacts) -> Iterator[tuple[str, str]]:
    """Yield each cluster with its objects as one YAML stream."""
    applied = [each for each in artifacts.values() if each.role == "apply"]
    for cluster in sorted({each.cluster for each in applied}):
        texts = (each.text for each in applied if each.cluster == cluster)
        yield cluster, "---\n".join(texts)


def say(line: str) -> None:
    """Print *line*."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
