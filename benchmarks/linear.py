"""`python -m benchmarks.linear [SIZE...]` tells whether the cost is linear in services.

Prints processor time and memory for each size and the straight line through them, and
draws both as SVG where `--to FILE` says.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks import fleets
from benchmarks.__main__ import OURS, PRINTED
from benchmarks.measure import Contestant, compete, say, table

SIZES = (100, 300, 1000, 3000, 10_000, 30_000)
_ROUNDS = 3
_WIDTH, _HEIGHT, _MARGIN = 640, 360, 56


def main(arguments: list[str]) -> int:
    """Measure, fit and draw."""
    sizes = [int(each) for each in arguments if each.isdigit()] or list(SIZES)
    target = (
        Path(arguments[arguments.index("--to") + 1]) if "--to" in arguments else None
    )
    with tempfile.TemporaryDirectory() as folder:
        contestants = [_contestant(size, Path(folder)) for size in sizes]
        compete(contestants, _ROUNDS)
    work = [statistics.median(each.work) for each in contestants]
    slope, offset = statistics.linear_regression(sizes, work)
    fit = statistics.correlation(sizes, work) ** 2
    rows = [
        [
            f"{size:,}",
            f"{seconds:.2f} s",
            f"{offset + slope * size:.2f} s",
            f"{statistics.median(each.mebibytes):.0f} MiB",
        ]
        for size, seconds, each in zip(sizes, work, contestants, strict=True)
    ]
    say(table(["services", "processor", "the line", "memory"], rows))
    say(f"{offset:.2f} s and {slope * 1e6:.0f} us a service, R² {fit:.4f}")
    if target is not None:
        target.write_text(_drawn(sizes, work, slope, offset), "utf-8")
    return 0


def _contestant(size: int, folder: Path) -> Contestant:
    spec = folder / f"{size}.yaml"
    spec.write_text(fleets.spec(fleets.helm_values(size)), "utf-8")
    command = [*OURS, "render", str(spec), "--quiet", *PRINTED]
    return Contestant(name=str(size), command=command)


def _drawn(sizes: list[int], work: list[float], slope: float, offset: float) -> str:
    most, longest = max(sizes), max(work)

    def place(size: float, seconds: float) -> str:
        x = _MARGIN + size / most * (_WIDTH - 2 * _MARGIN)
        y = _HEIGHT - _MARGIN - seconds / longest * (_HEIGHT - 2 * _MARGIN)
        return f"{x:.0f},{y:.0f}"

    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="4"/>'
        for x, y in (
            place(size, seconds).split(",")
            for size, seconds in zip(sizes, work, strict=True)
        )
    )
    line = f"{place(0, offset)} {place(most, offset + slope * most)}"
    axes = f"{place(0, longest)} {place(0, 0)} {place(most, 0)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="sans-serif" font-size="13">\n'
        f'<polyline points="{axes}" fill="none" stroke="#888"/>\n'
        f'<polyline points="{line}" fill="none" stroke="#36c"/>\n{dots}\n'
        f'<text x="{_WIDTH - _MARGIN}" y="{_HEIGHT - 20}" text-anchor="end">'
        f"{most:,} services</text>\n"
        f'<text x="{_MARGIN}" y="{_MARGIN - 16}">{longest:.1f} s of processor time'
        f"</text>\n</svg>\n"
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
