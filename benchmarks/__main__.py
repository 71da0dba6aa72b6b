"""`python -m benchmarks [SIZE...]`: sizes are numbers of services."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from benchmarks import fleets
from benchmarks.measure import Contestant, compete, say, table
from tests.support import interpreters, programs

SIZES = (1, 1000, 10_000)
# The promises: times Helm's wall time, printing the same objects.
LIMITS = {1: 2.5, 1000: 1.0, 10_000: 0.5}
# Times rendering and a bare loop that writes the same files.
_WRITING = 1.5
_ROUNDS = {1: 15, 1000: 5}
PRINTED = ("--all", "--only", "service,loadbalancer,envoy-service,configmap")
_FEWEST_ROUNDS = 3
# What users run: the wheel, its modules and templates compiled.
OURS = (str(interpreters.installed(Path(sys.executable), interpreters.wheel())),)


def main(arguments: list[str]) -> int:
    """Measure; 1 when a promise is not kept, 4 when there is nothing to measure."""
    if not fleets.BENCH.is_dir():
        say(f"skipped: {fleets.BENCH} is not there, and it makes the fleet")
        return 4
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    say(f"Python {platform.python_version()}, {platform.machine()}, {load}\n")
    kept = True
    with tempfile.TemporaryDirectory(dir=fleets.memory()) as folder:
        os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
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
    return _promise(size, ours, others, folder)


def _contestants(
    values: Path, spec: Path, tree: Path
) -> tuple[list[Contestant], list[Contestant]]:
    render = [*OURS, "render", str(spec), "--quiet"]
    ours = [
        Contestant(
            name="kubelb-gen render -o DIR",
            command=[*render, "-o", str(tree)],
            before=lambda: shutil.rmtree(tree, ignore_errors=True),
        ),
        Contestant(
            name="kubelb-gen render --all --only KINDS",
            command=[*render, *PRINTED],
        ),
        Contestant(
            name="the same, --jobs 1",
            command=[*render, *PRINTED, "--jobs", "1"],
        ),
        Contestant(
            name="kubelb-gen render --all --expected",
            command=[*render, "--all", "--expected"],
        ),
        Contestant(name="kubelb-gen --help", command=[*OURS, "--help"]),
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
            f"{statistics.median(each.mebibytes):.0f} MiB",
            f"{each.median / baseline.median:.2f}" if baseline else "-",
        ]
        for each in contestants
    ]
    head = ["command", "median", "best", "worst", "processor", "memory", "to Helm"]
    say(table(head, rows))


def _tell_phases(spec: Path) -> None:
    python = Path(OURS[0]).with_name("python")
    command = [python, Path(__file__).with_name("phases.py"), spec]
    done = subprocess.run(  # noqa: S603  our own list
        command, capture_output=True, text=True, check=True
    )
    phases = [line.split("\t") for line in done.stdout.splitlines()]
    rows = [[name, _milliseconds(float(seconds))] for name, seconds in phases]
    say(table(["phase, of one run", "time"], rows))


def _promise(
    size: int, ours: list[Contestant], others: list[Contestant], folder: Path
) -> bool:
    written, printed = ours[:2]
    bare = _bare_loop(folder / "tree", folder / "copy")
    most = _WRITING * (printed.median + bare)
    kept = [_told("writing", written.median / most * _WRITING, _WRITING)]
    if others and size in LIMITS:
        kept.append(
            _told("printing, to Helm", printed.median / others[0].median, LIMITS[size])
        )
        used = max(printed.mebibytes) / max(others[0].mebibytes)
        kept.append(_told("memory, to Helm", used, 1.0))
    say()
    return all(kept)


def _told(what: str, ratio: float, limit: float) -> bool:
    word = "holds" if ratio <= limit else "DOES NOT HOLD"
    say(f"- {what}: {ratio:.2f}, at most {limit:.1f}: {word}")
    return ratio <= limit


def _bare_loop(tree: Path, copy: Path) -> float:
    """Return what it takes to write the files of *tree*, and nothing else."""
    texts = {
        str(copy / each.relative_to(tree)): each.read_bytes()
        for each in tree.rglob("*")
        if each.is_file()
    }
    start = time.perf_counter()
    for path, text in texts.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        with open(path, "wb") as file:  # noqa: PTH123  a bare loop
            file.write(text)
    took = time.perf_counter() - start
    shutil.rmtree(copy)
    return took


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
