"""Ports, programs and clients on the loopback range.

Every 127.0.0.x is an address of its own, so that one machine plays the client,
the proxies and the backend.  The client is never 127.0.0.1: for exactly that
one, Envoy writes the machine's own address into X-Forwarded-For.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

CLIENT = "127.0.0.5"
ATTACKER = "127.0.0.8"
KUBELET = "127.0.0.9"
PATIENCE = 10.0

Header = tuple[str, str]
T = TypeVar("T")

# Below the kernel's ephemeral ports and KubeLB's node ports, so that neither an
# outgoing connection nor a rendered file takes a port that we gave away.
_FIRST_PORT, _PORTS_EACH, _WORKERS = 20000, 1000, 10
_LISTEN = "0A"


class _Ports:
    """Ports in turn: a port that was just closed is not handed out at once."""

    def __init__(self) -> None:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        self._first = _FIRST_PORT + int(worker) % _WORKERS * _PORTS_EACH
        self._next = os.getpid() % _PORTS_EACH

    def free(self) -> int:
        for _ in range(_PORTS_EACH):
            port = self._first + self._next
            self._next = (self._next + 1) % _PORTS_EACH
            if _bindable(port):
                return port
        message = f"no free port from {self._first} on"
        raise OSError(message)


def _bindable(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                return False
    return True


_ports = _Ports()


def free_port() -> int:
    """A port that is free on every loopback address, for TCP and for UDP."""
    return _ports.free()


def free_ports(count: int) -> tuple[int, ...]:
    """*count* different free ports."""
    return tuple(_ports.free() for _ in range(count))


def listening(port: int) -> bool:
    """Tell whether something listens on TCP *port*, without connecting to it.

    A connection would show up in what the test observes, and would break a
    listener that waits for a PROXY header.
    """
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table, encoding="ascii") as lines:  # noqa: PTH123 - not a file
                next(lines)
                for line in lines:
                    _, local, _, state, *_ = line.split()
                    if state == _LISTEN and int(local.rpartition(":")[2], 16) == port:
                        return True
        except FileNotFoundError:  # no IPv6 here
            continue
    return False


def eventually(attempt: Callable[[], T | None], *, timeout: float = PATIENCE) -> T:
    """The first result of *attempt* that is true; its last failure after *timeout*.

    Failing means to return something false, or to raise `AssertionError` or
    `OSError`.
    """
    deadline = time.monotonic() + timeout
    while True:
        failure: Exception
        try:
            result = attempt()
        except (AssertionError, OSError) as error:
            failure = error
        else:
            if result:
                return result
            failure = AssertionError(f"still {result!r} after {timeout} s")
        if time.monotonic() > deadline:
            raise failure
        time.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Running:
    """A program that was started, and where its talk goes."""

    process: subprocess.Popen[bytes]
    log: Path

    def log_text(self) -> str:
        """What it has said so far, on both streams."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    folder: Path,
    ports: Iterable[int] = (),
    timeout: float = PATIENCE,
) -> Iterator[Running]:
    """Run *command* in *folder* while the block lasts, once all *ports* listen.

    A program that ends by itself before that is an error that quotes its log.
    """
    log = folder / "output.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    program = Running(process, log)
    try:
        deadline = time.monotonic() + timeout
        for port in ports:
            while not listening(port):
                _complain_when_ended(program, command)
                if time.monotonic() > deadline:
                    message = f"port {port} does not listen:\n{program.log_text()}"
                    raise TimeoutError(message)
                time.sleep(0.02)
        _complain_when_ended(program, command)
        yield program
    finally:
        _end(process)


def _complain_when_ended(program: Running, command: Sequence[str | Path]) -> None:
    code = program.process.poll()
    if code is not None:
        message = f"{command[0]} ended with {code}:\n{program.log_text()}"
        raise ChildProcessError(message)


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(sign)
            try:
                process.wait(timeout=3)
            except subprocess.TimeoutExpired:
                continue
    # Workers of a killed master would keep its ports; the group is our own.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back to an HTTP client."""

    status: int
    headers: tuple[Header, ...]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - that is what JSON is
        """The body as data."""
        return json.loads(self.body)


def connect(
    port: int,
    *,
    address: str = "127.0.0.1",
    source: str = CLIENT,
    timeout: float = PATIENCE,
) -> socket.socket:
    """A connection to *address*:*port* that comes from *source*."""
    return socket.create_connection(
        (address, port), timeout=timeout, source_address=(source, 0)
    )


def exchange(
    port: int,
    payload: bytes,
    *,
    address: str = "127.0.0.1",
    source: str = CLIENT,
    timeout: float = PATIENCE,
) -> bytes:
    """All that the other side says to *payload*, until it closes.

    A PROXY header is simply the start of *payload*.  Bytes before a reset count;
    a reset without any raises `ConnectionResetError`.
    """
    received = b""
    with connect(port, address=address, source=source, timeout=timeout) as link:
        try:
            link.sendall(payload)
            link.shutdown(socket.SHUT_WR)
            while chunk := link.recv(65536):
                received += chunk
        except (ConnectionResetError, BrokenPipeError):
            if not received:
                raise
    return received


def request(
    port: int,
    *,
    address: str = "127.0.0.1",
    source: str = CLIENT,
    before: bytes = b"",
    path: str = "/",
    headers: Iterable[Header] = (),
    host: str = "test.example",
    timeout: float = PATIENCE,
) -> Response:
    """Ask ``GET path`` over HTTP/1.1, with *before* sent ahead of it.

    *before* is for a PROXY header.  *headers* are sent in order, repeats
    included.  No answer at all, or none in HTTP, raises `ConnectionError`.
    """
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    text = "\r\n".join([*lines, "", ""]).encode("latin-1")
    with connect(port, address=address, source=source, timeout=timeout) as link:
        link.sendall(before + text)
        answer = HTTPResponse(link)
        try:
            answer.begin()
            body = answer.read()
        except HTTPException as error:
            message = f"no HTTP answer: {error!r}"
            raise ConnectionError(message) from error
        finally:
            answer.close()
    return Response(answer.status, tuple(answer.getheaders()), body)
