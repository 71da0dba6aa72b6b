"""Feeds hostile inputs to the whole pipeline and counts them.

    python -m tests.hostile.fuzz --inputs 200000 --seed 1

Inputs run in children that are forked in turn, one at a time: each has bounded memory,
and the parent ends one that neither returns nor raises.  A failure is told with its
seed and number, and written into --save, to become a file of the corpus.
"""

from __future__ import annotations

import argparse
import mmap
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.hostile import targets
from tests.hostile.guard import Hang, watched
from tests.hostile.inputs import ROOT, Input, make
from tests.hostile.targets import feed

EXAMPLE = ROOT / "examples/l4-proxy-protocol/spec.yaml"
BATCH = 1000
MEMORY = 1 << 30
# Processor time: what an empty input may take, and what each byte adds.
SECONDS, SECONDS_PER_BYTE = 2.0, 100e-6
_PATIENCE = 600.0


@dataclass(slots=True)
class Tally:
    """How many inputs ran, how they ended, and what failed; times in seconds."""

    inputs: int = 0
    endings: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str]] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, -1)
    most_memory: int = 0

    def add(self, other: Tally) -> None:
        """Take the counts of *other* in."""
        self.inputs += other.inputs
        self.endings += other.endings
        self.failures += other.failures
        self.slowest = max(self.slowest, other.slowest)
        self.most_memory = max(self.most_memory, other.most_memory)


def run_one(given: Input, folder: Path) -> tuple[str, str]:
    """Feed *given*; return how it ended and, where that is a failure, why."""
    seconds = SECONDS + SECONDS_PER_BYTE * len(given.content)
    try:
        with watched(str(folder), seconds):
            return f"{given.kind}: {feed(given, folder)}", ""
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  whatever it is, it is a failure
        what = "hangs" if isinstance(error, Hang) else type(error).__name__
        return f"{given.kind}: {what}", traceback.format_exc(limit=-6)


def run_range(seed: int, numbers: range, folder: Path, mark: mmap.mmap) -> Tally:
    """Feed the inputs *numbers* in this process; *mark* says where it is."""
    tally = Tally()
    for number in numbers:
        mark[:8] = number.to_bytes(8, "big")
        given = make(seed, number)
        start = time.process_time()
        ending, failure = run_one(given, folder)
        tally.slowest = max(tally.slowest, (time.process_time() - start, number))
        tally.inputs += 1
        tally.endings[ending] += 1
        if failure:
            tally.failures.append((number, failure))
    tally.most_memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return tally


def run_child(seed: int, numbers: range, folder: Path) -> Tally:
    """Do what `run_range` does in a child of bounded memory, and end it if need be."""
    mark = mmap.mmap(-1, 8)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.alarm(int(_PATIENCE))
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(run_range(seed, numbers, folder, mark), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        content = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == 0:
        tally = pickle.loads(content)  # noqa: S301  our own child's
        assert isinstance(tally, Tally)
        return tally
    number = int.from_bytes(mark[:8], "big")
    told = f"the child ended with {status} in input {number}"
    return Tally(inputs=number - numbers.start + 1, failures=[(number, told)])


def main(arguments: list[str] | None = None) -> int:
    """Run as the command line says; 1 where an input fails."""
    given = _parser().parse_args(arguments)
    targets.commands_one_in = given.commands
    total = Tally()
    started, told = time.monotonic(), 0.0
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        Path(folder, "valid.yaml").write_bytes(EXAMPLE.read_bytes())
        number = given.start
        while number < given.start + given.inputs:
            numbers = range(number, min(number + BATCH, given.start + given.inputs))
            done = run_child(given.seed, numbers, Path(folder))
            total.add(done)
            number += max(done.inputs, 1)
            _keep(given.save, given.seed, done.failures)
            if time.monotonic() - told > given.every:
                told = time.monotonic()
                print(_line(total, started), flush=True)  # noqa: T201
    print(_line(total, started))  # noqa: T201
    for ending, count in sorted(total.endings.items()):
        print(f"  {count:>8} {ending}")  # noqa: T201
    for number, failure in total.failures[:20]:
        lines = [line[:200] for line in failure.splitlines()[-12:]]
        print(f"\nseed {given.seed} number {number}:", *lines, sep="\n")  # noqa: T201
    return 1 if total.failures else 0


def _line(tally: Tally, started: float) -> str:
    seconds, number = tally.slowest
    return (
        f"{tally.inputs} inputs, {len(tally.failures)} failures in "
        f"{time.monotonic() - started:.0f} s; slowest {seconds:.2f} s (number {number})"
        f", most memory {tally.most_memory >> 20} MiB"
    )


def _keep(folder: Path | None, seed: int, failures: list[tuple[int, str]]) -> None:
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for number, failure in failures:
        (folder / f"{seed}-{number}.input").write_bytes(make(seed, number).content)
        (folder / f"{seed}-{number}.txt").write_text(failure, "utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="the first number")
    parser.add_argument("--save", type=Path, help="where failing inputs are put")
    parser.add_argument(
        "--commands", type=int, default=8, help="one in so many runs a whole command"
    )
    parser.add_argument("--every", type=float, default=30.0, help="seconds")
    return parser


if __name__ == "__main__":
    sys.exit(main())
