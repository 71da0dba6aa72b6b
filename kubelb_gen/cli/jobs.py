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
from typing import TYPE_CHECKING, Any

from kubelb_gen.errors import KubelbGenError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


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
        children = [_Child(function, calls[job::jobs]) for job in range(1, jobs)]
        try:
            results[::jobs] = [function(*call) for call in calls[::jobs]]
            for job, child in enumerate(children, start=1):
                results[job::jobs] = child.answer()
        finally:
            for child in children:
                child.end()
        return iter(results)


class _Child:
    """A fork that makes some calls and answers once."""

    def __init__(self, function: Callable[..., Any], calls: list[Any]) -> None:
        self._answers, answer = os.pipe()
        self._process: int | None = os.fork()
        if self._process:
            os.close(answer)
            return
        # The child never returns: what follows in the program is its parent's.
        status = 1
        try:
            os.close(self._answers)
            with os.fdopen(answer, "wb") as pipe:
                pipe.write(pickle.dumps(_outcome(function, calls), -1))
            status = 0
        finally:
            os._exit(status)

    def answer(self) -> list[Any]:
        """Return the results; raises what a call raised."""
        with os.fdopen(os.dup(self._answers), "rb") as pipe:
            told = pipe.read()
        if not told:
            raise OutputError("a process of --jobs was ended from outside")
        # From our own fork, over a pipe that nobody else holds.
        outcome = pickle.loads(told)  # noqa: S301
        if isinstance(outcome, BaseException):
            raise outcome
        return list(outcome)

    def end(self) -> None:
        """Leave nothing behind, also where nobody wants the answer any more."""
        os.close(self._answers)
        if self._process:
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)


def _outcome(function: Callable[..., Any], calls: list[Any]) -> Any:  # noqa: ANN401
    try:
        return [function(*call) for call in calls]
    except (KubelbGenError, KeyboardInterrupt) as error:
        return error
    except Exception as error:  # noqa: BLE001  a bug, which the parent reports
        error.add_note(f"in a process of --jobs:\n{traceback.format_exc()}")
        return error
