"""Faults at the calls that change the disk, one call at a time.

`striking` replaces those calls in `os`, where `artifacts.folder` and the standard
library find them; a test with audit hooks shows that no other call changes anything.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

CHANGING = ("mkdir", "open", "write", "rename", "unlink", "rmdir")

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_write = os.write


class Death(BaseException):
    """The process is dead: nothing it would still do reaches the disk."""


class Count:
    """How many changing calls were made, and how many of them were writes."""

    def __init__(self) -> None:
        self.calls = 0
        self.writes = 0


@contextmanager
def striking(
    at: int, strike: Callable[[int], None], *, lasting: bool
) -> Iterator[Count]:
    """Call *strike* instead of changing call number *at*; if *lasting*, of all later.

    A struck write first writes half of its data.  A *strike* that returns lets the
    call through.
    """
    count = Count()
    real: dict[str, Any] = {name: getattr(os, name) for name in CHANGING}

    def shim(name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:  # noqa: ANN401 (as os has it)
            if name == "open" and not given[1] & _WRITES:
                return real[name](*given, **named)
            count.calls += 1
            count.writes += name == "write"
            if count.calls == at and name == "write":
                _write(given[0], given[1][: len(given[1]) // 2])
            if count.calls == at or (lasting and count.calls > at):
                strike(count.calls)
            return real[name](*given, **named)

        return call

    for name in CHANGING:
        setattr(os, name, shim(name))
    try:
        yield count
    finally:
        for name, function in real.items():
            setattr(os, name, function)


def no_fault(_: int) -> None:
    """Strike nothing: for counting."""


def death(_: int) -> None:
    """Die here; to be used with *lasting*, so that no clean-up reaches the disk."""
    raise Death


def failing(code: int) -> Callable[[int], None]:
    """Fail with errno *code*."""

    def strike(_: int) -> None:
        raise OSError(code, os.strerror(code))

    return strike


def killed_in_a_child(act: Callable[[], object], at: int) -> bool:
    """Run *act* in a child that dies without a trace at changing call *at*.

    Returns False when *act* was done before that call.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with striking(at, lambda _: os._exit(9), lasting=False):
                act()
            status = 0
        finally:
            os._exit(status)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, 9}, f"the child failed by itself: {code}"
    return code == 9
