from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.cli.boundary import run
from tests.support.command_line import Done
from tests.support.specs import NGINX, PORT, estate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TENANT = f"""\
- name: NAME
  nodes: [10.2.0.21]
  internalCIDRs: [10.2.0.0/16]
  services:
    - name: web
      namespace: default
      selector: {{app: web}}
      ports: [{PORT}]
      backend: {NGINX}
"""


@pytest.fixture
def cli(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Done]:
    """Run a command in this process, without a terminal."""
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)

    def cli(*arguments: str | Path) -> Done:
        capfd.readouterr()
        code = run([os.fspath(each) for each in arguments])
        return Done(code, *capfd.readouterr())

    return cli


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A sound spec of one tenant, `primary`, with the service `web`."""
    return _written(tmp_path / "spec.yaml", TENANT.replace("NAME", "primary"))


@pytest.fixture
def two_tenants(tmp_path: Path) -> Path:
    """A sound spec of the tenants `team-a` and `team-b`."""
    tenants = [TENANT.replace("NAME", name) for name in ("team-a", "team-b")]
    return _written(tmp_path / "two.yaml", "".join(tenants))


@pytest.fixture
def unmet(tmp_path: Path) -> Path:
    """A spec whose wish cannot be met: a client over UDP."""
    text = TENANT.replace("port: 5000,", "port: 53, protocol: UDP,")
    text = text.replace(NGINX, "{kind: other, proxyProtocol: none}")
    return _written(tmp_path / "unmet.yaml", text.replace("NAME", "primary"))


@pytest.fixture
def warned(tmp_path: Path) -> Path:
    """A sound spec with a warning: Kubernetes' own node ports are others."""
    text = TENANT.replace("NAME", "primary").replace("30500", "8500")
    return _written(tmp_path / "warned.yaml", text)


@pytest.fixture
def no_spec(tmp_path: Path) -> Path:
    """YAML that is not a spec, in two places."""
    path = tmp_path / "none.yaml"
    path.write_text("apiVersion: v1\nkind: List\n", encoding="utf-8")
    return path


def _written(path: Path, tenants: str) -> Path:
    path.write_text(estate(tenants), encoding="utf-8")
    return path
