"""Network namespaces without names: they end with the process that made them.

The thread that enters one opens its sockets and starts its programs there, so that
applications and clients of a test run wherever the test wants them.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CLONE_NEWNET = 0x40000000
_OWN = "/proc/thread-self/ns/net"
_libc = ctypes.CDLL(None, use_errno=True)


class NamespaceError(Exception):
    """The kernel, or a program that talks to it, refused."""


@dataclass(frozen=True, slots=True)
class Namespace:
    """A network namespace, held by an open descriptor."""

    name: str
    descriptor: int

    @property
    def path(self) -> str:
        """How other programs name it, for as long as it is open."""
        return f"/proc/{os.getpid()}/fd/{self.descriptor}"

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Make this thread, and all that it starts, live in the namespace."""
        home = os.open(_OWN, os.O_RDONLY | os.O_CLOEXEC)
        _enter(self.descriptor)
        try:
            yield
        finally:
            _enter(home)
            os.close(home)

    def ip(self, *lines: str) -> None:
        """Run *lines* as `ip` commands here, in one go."""
        with self.inside():
            _told(["ip", "-batch", "-"], lines)

    def nat(self, *rules: str, program: str = "iptables") -> None:
        """Add *rules* of the nat table, as `iptables` writes them."""
        self._restore(program, ["*nat", *rules, "COMMIT"])

    def filter(self, *rules: str) -> None:
        """Add *rules* of the filter table."""
        self._restore("iptables", ["*filter", *rules, "COMMIT"])

    def set(self, **settings: int) -> None:
        """Write settings below /proc/sys/net, with two underscores for a slash."""
        with self.inside():
            for name, value in settings.items():
                path = Path("/proc/sys/net") / name.replace("__", "/")
                path.write_text(f"{value}\n", encoding="ascii")

    def _restore(self, program: str, lines: Iterable[str]) -> None:
        with self.inside():
            _told([f"{program}-restore", "--noflush"], lines)


@contextmanager
def namespaces(*names: str) -> Iterator[dict[str, Namespace]]:
    """New namespaces by name, each with its loopback up."""
    made: dict[str, Namespace] = {}
    try:
        for name in names:
            made[name] = Namespace(name, _new())
            made[name].ip("link set lo up")
        yield made
    finally:
        for each in made.values():
            os.close(each.descriptor)


def obstacle() -> str | None:
    """Say why there can be no namespaces here, or None."""
    if sys.platform != "linux":
        return "network namespaces are Linux's"
    if os.geteuid() != 0:
        return "network namespaces need root"
    for program, package in (("ip", "iproute2"), ("iptables-restore", "iptables")):
        if shutil.which(program) is None:
            return f"{program} is missing (Debian: {package})"
    try:
        with namespaces("try") as made:
            made["try"].nat("-A POSTROUTING -j MASQUERADE")
    except NamespaceError as error:
        return f"the kernel refuses: {error}"
    return None


def cable(one: Namespace, device: str, other: Namespace, far: str) -> None:
    """Join *device* of *one* to *far* of *other*."""
    one.ip(
        f"link add {device} type veth peer name {far} netns {other.path}",
        f"link set {device} up",
    )
    other.ip(f"link set {far} up")


def _new() -> int:
    home = os.open(_OWN, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.unshare(_CLONE_NEWNET):
            raise _refusal("unshare")
        return os.open(_OWN, os.O_RDONLY | os.O_CLOEXEC)
    finally:
        _enter(home)
        os.close(home)


def _enter(descriptor: int) -> None:
    if _libc.setns(descriptor, _CLONE_NEWNET):
        raise _refusal("setns")


def _refusal(call: str) -> NamespaceError:
    return NamespaceError(f"{call}: {os.strerror(ctypes.get_errno())}")


def _told(command: list[str], lines: Iterable[str]) -> None:
    text = "\n".join([*lines, ""])
    done = subprocess.run(
        command,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=30,
        check=False,
    )
    if done.returncode:
        message = f"{' '.join(command)} says {done.stdout.strip()} of:\n{text}"
        raise NamespaceError(message)
