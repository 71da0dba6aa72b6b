"""`python -m benchmarks [SIZE...]`: sizes are numbers of services."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from benchmarks import fleets
from benchmarks.measure import Contestant, compete, say, table
from tests.support import interpreters, programs

SIZES = (1, 1000)
# The promises: seconds of wall time for so many services.
LIMITS = {1: 0.3, 1000: 5.0}
_ROUNDS = {1: 15, 1000: 5}
_FEWEST_ROUNDS = 3
# What users run: the wheel, its modules and templates compiled.
_OURS = (str(interpreters.installed(Path(sys.executable), interpreters.wheel())),)


def main(arguments: list[str]) -> int:
    """Measure; 1 when a promise is not kept, 4 when there is nothing to measure."""
    if not fleets.BENCH.is_dir():
        say(f"skipped: {fleets.BENCH} is not there, and it makes the fleet")
        return 4
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    say(f"Python {platform.python_version()}, {platform.machine()}, {load}\n")
    kept = True
    # In memory where that can be had: a disk's file system is not what is measured,
    # and on some a bare loop that writes the same files takes longer than we do.
    memory = Path("/dev/shm")  # noqa: S108  no name in it is ours to guess
    place = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        for size in map(int, arguments or SIZES):
            kept &= _size(size, Path(folder))
    return 0 if kept else 1


def _size(size: int, folder: Path) -> bool:
    values, spec = folder / f"{size}.json", folder / f"{size}.yaml"
    values.write_text(fleets.helm_values(size), "utf-8")
    spec.write_text(fleets.spec(values.read_text("utf-8")), "utf-8")
    ours, others = _contestants(values, spec, folder / "tree")
    compete([*ours, *others], _ROUNDS.get(size, _FEWEST_ROUNDS))
    say(f"## {size:,} {'service' if size == 1 else 'services'}\n")
    _tell([*ours, *others], baseline=others[0] if others else None)
    _tell_phases(spec)
    return _promise(size, ours)


def _contestants(
    values: Path, spec: Path, tree: Path
) -> tuple[list[Contestant], list[Contestant]]:
    render = [*_OURS, "render", str(spec), "--quiet"]
    ours = [
        Contestant(
            name="kubelb-gen render -o DIR",
            command=[*render, "-o", str(tree)],
            before=lambda: shutil.rmtree(tree, ignore_errors=True),
        ),
        Contestant(
            name="kubelb-gen render --all --expected",
            command=[*render, "--all", "--expected"],
        ),
        Contestant(name="kubelb-gen --help", command=[*_OURS, "--help"]),
    ]
    try:
        helm = str(programs.helm())
    except pytest.skip.Exception as reason:
        say(f"no Helm here: {reason}\n")
        return ours, []
    chart = [helm, "template", "fleet", str(fleets.CHART), "-f", str(values)]
    return ours, [Contestant(name="helm template", command=chart)]


def _tell(contestants: list[Contestant], baseline: Contestant | None) -> None:
    rows = [
        [
            each.name,
            _milliseconds(each.median),
            _milliseconds(min(each.seconds)),
            _milliseconds(max(each.seconds)),
            _milliseconds(statistics.median(each.work)),
            f"{each.median / baseline.median:.2f}" if baseline else "-",
        ]
        for each in contestants
    ]
    head = ["command", "median", "best", "worst", "processor", "to Helm"]
    say(table(head, rows))


def _tell_phases(spec: Path) -> None:
    python = Path(_OURS[0]).with_name("python")
    command = [python, Path(__file__).with_name("phases.py"), spec]
    done = subprocess.run(  # noqa: S603  our own list
        command, capture_output=True, text=True, check=True
    )
    phases = [line.split("\t") for line in done.stdout.splitlines()]
    rows = [[name, _milliseconds(float(seconds))] for name, seconds in phases]
    say(table(["phase, of one run", "time"], rows))


def _promise(size: int, ours: list[Contestant]) -> bool:
    if size not in LIMITS:
        return True
    limit, took = LIMITS[size], ours[0].median
    word = "holds" if took < limit else "DOES NOT HOLD"
    say(f"under {_milliseconds(limit)}: {word} ({_milliseconds(took)})\n")
    return took < limit


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
