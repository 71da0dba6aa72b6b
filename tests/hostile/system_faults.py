"""Faults at the system calls of the real program, injected by strace, and real disks.

    python -m tests.hostile.system_faults

tries every call that changes the disk: killed there, interrupted there, failed there by
the disk; then disks that are full, read-only or somebody else's, and two writers at
once.  After each the tree has to be the old one or the new one, read as it counts, and
the next run has to complete it.  Prints how many faults were tried.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import kubelb_gen
from kubelb_gen.artifacts import read_tree
from kubelb_gen.cli import boundary
from tests.support.command_line import COMMAND, clean_environment
from tests.support.trees import on_disk, wholly

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubelb_gen.artifacts import Artifacts

STRACE = shutil.which("strace")
CALLS = "mkdir,mkdirat,openat,write,rename,renameat,renameat2,unlink,unlinkat,rmdir"
ERRORS = ("ENOSPC", "EIO", "EACCES", "EROFS")
NOBODY = 65534
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)")
_REFUSED, _INTERRUPTED = 4, 130
_SPEC = """\
apiVersion: kubelb-gen/v1alpha1
kind: ClientIPSpec
metadata: {{name: acme}}
spec:
  kubelb: {{version: "1.4.3", edition: CE}}
  management: {{loadBalancer: {{provider: metallb-bgp}}, egressCIDRs: [10.3.0.0/16]}}
  tenants:
    - name: {tenant}
      nodes: [10.2.0.21]
      internalCIDRs: [10.2.0.0/16]
      services:
        - name: web
          namespace: default
          selector: {{app: web}}
          backend: {{kind: nginx, mode: stream, upstream: "127.0.0.1:{port}"}}
          ports: [{{name: main, port: 5000, nodePort: 30500}}]
"""


@dataclass(frozen=True, slots=True)
class Call:
    """The *number*th call of *name*, as strace counts them."""

    name: str
    number: int


@dataclass(slots=True)
class World:
    """A folder with two specs, and what each renders to."""

    folder: Path
    old: Artifacts = field(init=False)
    new: Artifacts = field(init=False)
    tried: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.old = self._artifacts("old", tenant="primary", port=8080)
        self.new = self._artifacts("new", tenant="secondary", port=8081)

    def _artifacts(self, name: str, **values: object) -> Artifacts:
        path = self.folder / f"{name}.yaml"
        path.write_text(_SPEC.format(**values), "utf-8")
        return kubelb_gen.render(kubelb_gen.load(path))

    @property
    def command(self) -> list[str]:
        """The run that shall make the new tree of the old one."""
        return ["render", "-o", "out", str(self.folder / "new.yaml")]

    def fresh(self, inside: Path | None = None) -> Path:
        """Return a folder whose `out` is the old tree."""
        place = Path(tempfile.mkdtemp(dir=inside or self.folder))
        self.old.write(place / "out")
        return place

    def assert_whole(self, place: Path) -> None:
        """Fail unless `out`, read as it counts, is the old tree or the new one."""
        seen = read_tree(place / "out")
        told = seen.lock, {path: seen.text(path) for path in seen.contents}
        allowed = [
            (each.lock, {path: file.text for path, file in each.items()})
            for each in (self.old, self.new)
        ]
        assert told in allowed, f"{place} holds a mixture"

    def assert_completed(self, place: Path) -> None:
        """Fail unless the same command now makes the new tree, with nothing left."""
        done = run(self.command, place)
        assert done.returncode == 0, done.stderr
        assert on_disk(place / "out") == wholly(self.new)

    def holds(self, kind: str, place: Path) -> None:
        """Count one fault of *kind*, and fail unless the tree survived it."""
        self.tried[kind] += 1
        self.assert_whole(place)
        self.assert_completed(place)
        shutil.rmtree(place)


def run(
    arguments: Sequence[str], place: Path, inject: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the program in *place*, with strace's *inject*."""
    strace = [str(STRACE), "-f", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS}"]
    prefix = [*strace, "-e", f"inject={inject}"] if inject else []
    return subprocess.run(
        [*prefix, *COMMAND, *arguments],
        capture_output=True,
        text=True,
        cwd=place,
        env=_environment(),
        timeout=120,
        check=False,
    )


def changing_calls(world: World) -> list[Call]:
    """Return the calls of one run that change the disk, in their order."""
    place = world.fresh()
    log = place / "log"
    strace = [str(STRACE), "-f", "-qq", "-o", str(log), "-e", f"trace={CALLS}"]
    subprocess.run(
        [*strace, *COMMAND, *world.command],
        cwd=place,
        env=_environment(),
        capture_output=True,
        check=True,
    )
    counts: Counter[str] = Counter()
    found: list[Call] = []
    for line in log.read_text("utf-8", "replace").splitlines():
        match = _CALL.match(line)
        if match is None:
            continue
        name, given = match.groups()
        counts[name] += 1
        if _changes(name, given):
            found.append(Call(name, counts[name]))
    shutil.rmtree(place)
    return found


def killed(world: World, call: Call) -> None:
    """Kill the run at *call*."""
    place = world.fresh()
    done = run(world.command, place, f"{call.name}:signal=KILL:when={call.number}")
    assert done.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}, done
    world.holds("killed", place)


def interrupted(world: World, call: Call) -> None:
    """Interrupt the run at *call*, as Ctrl-C does."""
    place = world.fresh()
    done = run(world.command, place, f"{call.name}:signal=INT:when={call.number}")
    # The last call of all may be over before Python looks at the signal.
    assert done.returncode in {0, _INTERRUPTED}, done
    assert "Traceback" not in done.stderr
    world.holds("interrupted", place)


def failed(world: World, call: Call, error: str) -> None:
    """Let the disk fail *call* with *error*."""
    place = world.fresh()
    done = run(world.command, place, f"{call.name}:error={error}:when={call.number}")
    assert done.returncode == _REFUSED, done
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: "), done
    world.holds(f"failed with {error}", place)


def full(world: World, pages: int) -> None:
    """Write to a disk that has room for *pages* more, then give it more room."""
    with _disk(world) as disk:
        place = world.fresh(disk)
        filler = disk / "filler"
        free = os.statvfs(disk).f_bavail
        with filler.open("wb") as file:
            file.write(bytes(max(free - pages, 0) * 4096))
        done = run(world.command, place)
        assert done.returncode in {0, _REFUSED}, done
        assert done.returncode == 0 or "No space left" in done.stderr
        filler.unlink()
        world.holds("full disk", place)


def read_only(world: World) -> None:
    """Write to a disk that is mounted read-only, then to the same, writable."""
    with _disk(world) as disk:
        place = world.fresh(disk)
        _mount("-o", "remount,ro", str(disk))
        done = run(world.command, place)
        assert done.returncode == _REFUSED, done
        _mount("-o", "remount,rw", str(disk))
        world.holds("read-only disk", place)


def not_allowed(world: World, below: str) -> None:
    """Write as nobody, where the folder *below* is root's."""
    place = world.fresh()
    for path in (world.folder, place):
        path.chmod(0o755)
    for path in [place, *place.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    os.chown(place / below, 0, 0)
    code, told = _as_nobody(world, place)
    assert code == _REFUSED, told
    assert "ermission denied" in told or "not permitted" in told, told
    world.holds("no permission", place)


def _as_nobody(world: World, place: Path) -> tuple[int, str]:
    """Run in a fork that gives its rights up: nobody may not even start our Python."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            # What is imported late, and to tell of an error, has to be there already.
            sys.stderr = io.StringIO()
            os.chdir(place.parent)
            boundary.run(["render", "-o", "imported", world.command[-1]])
            boundary.run(["render", "missing"])
            sys.stderr = os.fdopen(writing, "w", buffering=1)
            os.chdir(place)
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            code = boundary.run(world.command)
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), told


def two_writers(world: World, call: Call) -> None:
    """Run a second writer while the first one sleeps at *call*."""
    place = world.fresh()
    inject = f"inject={call.name}:delay_enter=1500000:when={call.number}"
    strace = [str(STRACE), "-f", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS}"]
    with subprocess.Popen(
        [*strace, "-e", inject, *COMMAND, *world.command],
        cwd=place,
        env=_environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as first:
        second = run(world.command, place)
        said = first.communicate(timeout=120)[1]
    assert {first.returncode, second.returncode} <= {0, _REFUSED}, (said, second)
    for code, told in ((first.returncode, said), (second.returncode, second.stderr)):
        assert code == 0 or "another kubelb-gen writes" in told, told
    assert 0 in {first.returncode, second.returncode}
    world.holds("two writers", place)


def main() -> int:
    """Try everything, and print the counts."""
    if STRACE is None or os.geteuid() != 0:
        print("strace and root are needed")  # noqa: T201
        return 1
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        world = World(Path(folder))
        calls = changing_calls(world)
        for call in calls:
            killed(world, call)
            interrupted(world, call)
            for error in ERRORS:
                failed(world, call, error)
        for pages in range(0, 40, 2):
            full(world, pages)
        read_only(world)
        for below in ("out", "out/tenants", "out/tenants/primary/default"):
            not_allowed(world, below)
        for call in calls[:: len(calls) // 8]:
            two_writers(world, call)
        for kind, count in sorted(world.tried.items()):
            print(f"{count:>6} {kind}")  # noqa: T201
        print(f"{world.tried.total():>6} faults, none left a mixture")  # noqa: T201
    return 0


@contextmanager
def _disk(world: World) -> Iterator[Path]:
    """Mount a small disk of its own."""
    disk = Path(tempfile.mkdtemp(dir=world.folder))
    _mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk))
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)  # noqa: S607


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)  # noqa: S607


def _changes(name: str, given: str) -> bool:
    if name == "write":
        return not given.startswith(("1,", "2,"))
    if name == "openat":
        return "O_CREAT" in given
    return "/dev/null" not in given


def _environment() -> dict[str, str]:
    # Else calls would be counted otherwise from run to run.
    more = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    return clean_environment(more)


if __name__ == "__main__":
    sys.exit(main())
