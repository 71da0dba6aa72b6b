"""The built wheel, and environments of several Pythons that have it installed.

Environments cost seconds each, so they are kept beside the test environment, under
the hash of all that goes into them; a wheel is built once for each state of the
sources.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(sys.prefix) / ".cache"
_SHIPPED = (
    "kubelb_gen",
    "templates",
    "schemas",
    "pyproject.toml",
    "hatch_build.py",
    "LICENSE",
    "README.md",
)
_OLDEST, _NEWEST = 11, 15


def other_pythons() -> dict[str, Path]:
    """Pythons of other versions than ours that we run on, by `3.x`."""
    found: dict[str, Path] = {}
    for minor in range(_OLDEST, _NEWEST):
        if minor == sys.version_info.minor:
            continue
        for path in _candidates(f"3.{minor}"):
            if _answers(path, f"3.{minor}"):
                found[f"3.{minor}"] = path
                break
    return found


def _candidates(version: str) -> Iterator[Path]:
    if named := shutil.which(f"python{version}"):
        yield Path(named)
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for folder in sorted(versions.glob(f"{version}.*"), reverse=True):
        yield folder / "bin" / "python"


def _answers(python: Path, version: str) -> bool:
    # pyenv's shims are there for versions that are not switched on, and for none.
    question = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run(
            [python, "-c", question], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0 and version == done.stdout.strip()


def wheel() -> Path:
    """The wheel of the sources as they are."""
    folder = CACHE / "wheels" / _state()
    with _alone(folder):
        if not (built := list(folder.glob("*.whl"))):
            _drop_old(folder.parent, keep=folder)
            built = [build("wheel", ROOT, folder)]
    return built[0]


def build(target: str, source: Path, folder: Path) -> Path:
    """The `wheel` or `sdist` of *source*, which is put into *folder*."""
    lock = ROOT / "requirements" / "build.txt"
    state = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    home = CACHE / "pythons" / f"builder-{state}"
    python = home / "bin" / "python"
    with _alone(home):
        if not (home / "installed").exists():
            _environment(Path(sys.executable), home)
            _pip(python, "install", "--require-hashes", "--requirement", lock)
            (home / "installed").touch()
    command = [str(python), "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=source, env=clean(), check=True, capture_output=True)
    (built,) = (*folder.glob("*.whl"), *folder.glob("*.tar.gz"))
    return built


def installed(python: Path, package: Path) -> Path:
    """The `kubelb-gen` of an environment of *python* with *package* in it.

    Its dependencies are those that a user gets today; skips where the registry is
    out of reach and the environment is new.
    """
    version = subprocess.check_output([python, "-V"], text=True).split()[1]
    home = CACHE / "pythons" / version
    inside = home / "bin" / "python"
    mark = home / "installed"
    state = package.parent.name
    with _alone(home):
        if not inside.exists():
            _environment(python, home)
        if not mark.exists() or mark.read_text("utf-8") != state:
            # The version stays what it was, so pip alone would keep the old files.
            if mark.exists():
                _pip(inside, "uninstall", "--yes", "kubelb-gen")
            _pip(inside, "install", package)
            mark.write_text(state, "utf-8")
    return home / "bin" / "kubelb-gen"


def clean() -> dict[str, str]:
    """An environment variable set in which nothing finds the checkout."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", "COV_"))
    }


def _environment(python: Path, home: Path) -> None:
    # Our own pip installs into it: to give each one of its own takes seconds.
    options = ("--without-pip", "--clear")
    subprocess.run([python, "-m", "venv", *options, home], check=True)


def _pip(python: Path, command: str, *arguments: str | Path) -> None:
    options = ("--quiet", "--disable-pip-version-check", "--python", python)
    done = subprocess.run(
        [sys.executable, "-m", "pip", *options, command, *arguments],
        capture_output=True,
        text=True,
        env=clean(),
        check=False,
    )
    if done.returncode:
        if "Could not find a version" in done.stderr or "connect" in done.stderr:
            pytest.skip(f"pip has no registry here: {done.stderr.splitlines()[-1]}")
        message = f"pip {command}: {done.stderr}"
        raise RuntimeError(message)


def _state() -> str:
    digest = hashlib.sha256()
    for name in _SHIPPED:
        top = ROOT / name
        for path in sorted([top, *top.rglob("*")]):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(ROOT)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _drop_old(folder: Path, keep: Path) -> None:
    for each in folder.iterdir():
        if each.is_dir() and each != keep:
            shutil.rmtree(each, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other workers out of *folder*, which is made, while the block lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
