"""`python -m benchmarks.edited`: one file of a fleet of a thousand files changes."""

from __future__ import annotations

import os
import statistics
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import fleets
from benchmarks.__main__ import OURS
from benchmarks.measure import Contestant, compete, say, table
from tests.support import programs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SERVICES = 1000
# The promise, in seconds on an idle machine of two cores.
LIMIT = 0.3
_ROUNDS = 9


def main() -> int:
    """Measure; 1 when the promise is not kept, 4 when there is nothing to measure."""
    if not fleets.BENCH.is_dir():
        say(f"skipped: {fleets.BENCH} is not there, and it makes the fleet")
        return 4
    with tempfile.TemporaryDirectory(dir=fleets.memory()) as place:
        os.environ["XDG_CACHE_HOME"] = f"{place}/cache"
        contestants = list(_contestants(Path(place)))
        compete(contestants, _ROUNDS)
    say(f"One of {SERVICES:,} files has changed, load {os.getloadavg()[0]:.1f}\n")
    say(table(["command", "median", "best", "processor"], _rows(contestants)))
    median = contestants[0].median
    word = "holds" if median <= LIMIT else "DOES NOT HOLD"
    say(f"- rendered again: {median:.2f} s, at most {LIMIT} s: {word}")
    return 0 if median <= LIMIT else 1


def _contestants(place: Path) -> Iterator[Contestant]:
    values = place / "values.json"
    values.write_text(fleets.helm_values(SERVICES), "utf-8")
    tree = ["-o", str(place / "tree")]
    for number, (name, more) in enumerate(
        (
            ("render -o", tree),
            ("render -o --no-cache", ["-o", f"{tree[1]}-2", "--no-cache"]),
            ("render --all", ["--all"]),
            ("render --all --no-cache", ["--all", "--no-cache"]),
        )
    ):
        # Each has its own, so that one file has changed since it saw them last.
        specs = place / f"specs-{number}"
        edit = _edits(fleets.files(values.read_text("utf-8"), specs))
        command = [*OURS, "render", str(specs), "--quiet", *more]
        yield Contestant(name=name, command=command, before=edit)
    try:
        helm = str(programs.helm())
    except pytest.skip.Exception as reason:
        say(f"no Helm here: {reason}\n")
        return
    chart = [helm, "template", "fleet", str(fleets.CHART), "-f", str(values)]
    yield Contestant(name="helm template", command=chart)


def _edits(leaves: Sequence[Path]) -> Callable[[], object]:
    """Return what gives one Service another target port each time."""
    ports = count(6000)

    def edit() -> None:
        port = next(ports)
        leaf = leaves[port % len(leaves)]
        text = leaf.read_text("utf-8").replace("targetPort: 5001", "targetPort: 5002")
        leaf.write_text(text.replace("port: 5001,", f"port: {port},"), "utf-8")

    return edit


def _rows(contestants: Sequence[Contestant]) -> list[list[str]]:
    return [
        [
            each.name,
            *(
                f"{seconds * 1000:,.0f} ms"
                for seconds in (
                    each.median,
                    min(each.seconds),
                    statistics.median(each.work),
                )
            ),
        ]
        for each in contestants
    ]


if __name__ == "__main__":
    raise SystemExit(main())
