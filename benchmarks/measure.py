"""Wall time of programs that take turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(slots=True, kw_only=True)
class Contestant:
    """A command, what is cleared away before each run, and what its runs took."""

    name: str
    command: Sequence[str]
    before: Callable[[], object] = bool
    seconds: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    mebibytes: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The run in the middle."""
        return statistics.median(self.seconds)

    def run(self) -> None:
        """Run once, with all output thrown away."""
        self.before()
        start = time.perf_counter()
        with tempfile.TemporaryFile() as talk:
            running = subprocess.Popen(  # noqa: S603  our own list
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=talk,
            )
            _, status, used = os.wait4(running.pid, 0)
            running.returncode = os.waitstatus_to_exitcode(status)
            self.seconds.append(time.perf_counter() - start)
            # Processor time, its own children's included: no neighbour adds to it.
            self.work.append(used.ru_utime + used.ru_stime)
            # Never less than this process has, whose memory a child begins with.
            self.mebibytes.append(used.ru_maxrss / 1024)
            if running.returncode:
                talk.seek(0)
                told = talk.read().decode(errors="replace")
                message = f"{self.name} ended with {running.returncode}: {told}"
                raise RuntimeError(message)


def compete(contestants: Sequence[Contestant], rounds: int) -> None:
    """Let *contestants* run in turn, so that a slow moment hits all of them."""
    for contestant in contestants:
        contestant.run()  # files come into the page cache, and nobody counts it
        contestant.seconds.clear()
        contestant.work.clear()
        contestant.mebibytes.clear()
    for _ in range(rounds):
        for contestant in contestants:
            contestant.run()


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return *rows* under *head*, as Markdown that is aligned to be read as it is.

    >>> print(table(["a", "time"], [["one", "1 ms"]]), end="")
    | a   | time |
    |-----|-----:|
    | one | 1 ms |
    """
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    first, *others = widths
    lines = [_line(head, widths)]
    rules = [f"{'-' * (width + 1)}:" for width in others]
    lines.append("|".join(["", "-" * (first + 2), *rules, ""]))
    lines += [_line(row, widths) for row in rows]
    return "".join(f"{line}\n" for line in lines)


def say(text: str = "") -> None:
    """Print *text* at once, so that a long run can be followed."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
    return f"| {' | '.join(cells)} |"
