"""Runs `kubelb-gen` and ends it with 99 at the first socket, and at a strange program.

    python guard.py ALLOWED ARGUMENT...

ALLOWED is `HOST:PORT`, the one address that may be connected to, or `-`.  Audit events
see what Python does; children are git, which a test denies every transport, and the
bash whose version click asks for before it prints a completion.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

_REFUSED = 99
_CHILDREN = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork")


def main() -> int:
    from kubelb_gen.__main__ import main as run  # noqa: PLC0415 - after the imports

    allowed, *arguments = sys.argv[1:]
    host, _, port = allowed.rpartition(":")
    sys.addaudithook(lambda event, args: _judge(event, args, (host, port)))
    sys.argv[1:] = arguments
    return run()


def _judge(event: str, args: tuple[Any, ...], allowed: tuple[str, str]) -> None:
    if event.startswith("socket.") and not _is_to(event, args, allowed):
        _refuse(f"{event} {args[1:]}")
    if event in _CHILDREN and Path(str(args[0])).name not in {"git", "bash"}:
        _refuse(f"{event} {args[0]}")


def _is_to(event: str, args: tuple[Any, ...], allowed: tuple[str, str]) -> bool:
    if not allowed[0]:
        return False
    if event == "socket.connect":
        return tuple(map(str, args[1][:2])) == allowed
    if event == "socket.getaddrinfo":
        return tuple(map(str, args[:2])) == allowed
    return event == "socket.__new__"


def _refuse(what: str) -> None:
    os.write(2, f"refused: {what}\n".encode())
    os._exit(_REFUSED)


if __name__ == "__main__":
    raise SystemExit(main())
