"""What a command is at, told on a terminal when it takes longer than a second.

A timer's signal tells it, between two steps of the program: no thread that a fork would
tear apart, and no call in what is timed.
"""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kubelb_gen.cli.terminal import clear_line, draw_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 1.0


@contextmanager
def progress() -> Iterator[None]:
    """Show a line while the body runs; none before it has taken a second."""
    start = time.monotonic()
    try:
        before = signal.signal(
            signal.SIGALRM,
            lambda _signal, _frame: draw_line(round(time.monotonic() - start)),
        )
    except (ValueError, AttributeError):
        # Not the main thread, or a system without such a timer.
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE, _PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        clear_line()
