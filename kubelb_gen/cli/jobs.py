"""`--jobs N`: a fork for each job, which has everything already and sends texts back.

A pool of processes would be sent what it is to render, which takes as long as to render
it.  A fork shares the memory of its parent, and what it answers is all that is sent.
"""

from __future__ import annotations

import os
import pickle
import signal
import traceback
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from select import select
from typing import TYPE_CHECKING, Any, BinaryIO

from kubelb_gen.errors import KubelbGenError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Self

    # What is small, and a body in pieces.
    Stream = tuple[Any, Iterator[bytes]]
    Streaming = Callable[[Any], Stream]

# How long a piece is, in bytes; no piece is empty but the last.
_LENGTH = 8
_END = b""
_ENDED = "a process of --jobs was ended from outside"
_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def cores() -> float:
    """Return how many cores this process may use, all of them at once."""
    try:
        mine = len(os.sched_getaffinity(0))
    except AttributeError:  # no system but Linux has it
        return os.cpu_count() or 1
    return min(mine, _quota())


def _quota() -> float:
    """Return how many cores the container may use; source: Linux, cgroup-v2."""
    try:
        quota, period = _LIMIT.read_text("ascii").split()
        return int(quota) / int(period)
    except (OSError, ValueError):  # no such file, or `max`
        return float("inf")


class Forks(Executor):
    """Runs the calls of one `map` in *jobs* processes, of which this is one."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs

    def submit(
        self,
        function: Callable[..., Any],
        /,
        *arguments: object,
        **named: object,
    ) -> Future[Any]:
        """Call *function* at once, in this process."""
        done: Future[Any] = Future()
        try:
            done.set_result(function(*arguments, **named))
        except Exception as error:  # noqa: BLE001  as any executor does
            done.set_exception(error)
        return done

    def map(
        self,
        function: Callable[..., Any],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int = 1,
    ) -> Iterator[Any]:
        """Return what *function* returns for each call, in the order of the calls."""
        del timeout, chunksize
        calls = list(zip(*iterables, strict=False))
        jobs = min(self._jobs, len(calls))
        if jobs < 2 or not hasattr(os, "fork"):  # noqa: PLR2004  one needs no fork
            return iter([function(*call) for call in calls])
        results: list[Any] = [None] * len(calls)
        children = [
            _Child(_answer, function, calls[job::jobs]) for job in range(1, jobs)
        ]
        try:
            results[::jobs] = [function(*call) for call in calls[::jobs]]
            for job, child in enumerate(children, start=1):
                results[job::jobs] = _unpickled(child.pipe.read())
        finally:
            for child in children:
                child.end()
        return iter(results)


class Streams:
    """Runs a function in *jobs* processes; what it returns is read bit by bit.

    The function returns a head, and an iterator over a body in pieces, which can be
    read until the end of the context.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._children: list[_Child] = []

    def __enter__(self) -> Self:
        """Return this."""
        return self

    def __exit__(self, *_: object) -> None:
        """End what still runs."""
        for child in self._children:
            child.end()

    def map(self, function: Streaming, calls: Sequence[Any]) -> list[Stream]:
        """Return what *function* returns for each of *calls*, the first one here."""
        try:
            for each in calls[1:]:
                self._children.append(_Child(_stream, function, each))
        except OSError:  # no more processes are to be had
            return [function(each) for each in calls]
        first = function(calls[0])
        return [first, *(_streamed(each) for each in self._children)]

    def check(self) -> None:
        """Raise what a process has raised by now."""
        for each in self._children:
            if select([each.pipe], (), (), 0)[0]:
                each.head()


class _Child:
    """A fork that works into a pipe, and ends."""

    def __init__(self, work: Callable[..., None], *arguments: object) -> None:
        reading, writing = os.pipe()
        try:
            self._process: int | None = os.fork()
        except OSError:
            os.close(reading)
            os.close(writing)
            raise
        if self._process:
            os.close(writing)
            self.pipe = os.fdopen(reading, "rb")
            self._head: list[Any] | None = None
            return
        # The child never returns: what follows in the program is its parent's.
        status = 1
        try:
            os.close(reading)
            with os.fdopen(writing, "wb") as pipe:
                work(pipe, *arguments)
            status = 0
        finally:
            os._exit(status)

    def head(self) -> Any:  # noqa: ANN401
        """Return what it said first; raises what it raised."""
        if self._head is None:
            self._head = [_unpickled(_received(self.pipe))]
        return self._head[0]

    def end(self) -> None:
        """Leave nothing behind, also where nobody wants the answer any more."""
        self.pipe.close()
        if self._process:
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)


def _answer(pipe: BinaryIO, function: Callable[..., Any], calls: list[Any]) -> None:
    made = _outcome(lambda: [function(*call) for call in calls])
    pipe.write(pickle.dumps(made, -1))


def _stream(pipe: BinaryIO, function: Streaming, call: object) -> None:
    made = _outcome(lambda: function(call))
    if isinstance(made, BaseException):
        _send(pipe, pickle.dumps(made, -1))
        return
    head, body = made
    _send(pipe, pickle.dumps(head, -1))
    for piece in body:
        _send(pipe, piece)
    _send(pipe, _END)


def _streamed(child: _Child) -> Stream:
    """Read a head that `_stream` has written, and its body when that is asked for."""
    return child.head(), iter(partial(_received, child.pipe), _END)


def _send(pipe: BinaryIO, data: bytes) -> None:
    pipe.write(len(data).to_bytes(_LENGTH, "big"))
    pipe.write(data)


def _received(pipe: BinaryIO) -> bytes:
    length = int.from_bytes(_exactly(pipe, _LENGTH), "big")
    return _exactly(pipe, length)


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise OutputError(_ENDED)
    return data


def _unpickled(told: bytes) -> Any:  # noqa: ANN401
    """Return what a child has said; raises what it raised."""
    if not told:
        raise OutputError(_ENDED)
    # From our own fork, over a pipe that nobody else holds.
    outcome = pickle.loads(told)  # noqa: S301
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def _outcome(work: Callable[[], Any]) -> Any:  # noqa: ANN401
    try:
        return work()
    except (KubelbGenError, KeyboardInterrupt) as error:
        return error
    except Exception as error:  # noqa: BLE001  a bug, which the parent reports
        error.add_note(f"in a process of --jobs:\n{traceback.format_exc()}")
        return error
