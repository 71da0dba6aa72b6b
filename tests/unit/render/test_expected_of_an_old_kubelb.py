"""v1.3.1 copies no traffic policy: read off its loadbalancer.go and controller."""

from __future__ import annotations

import pytest

import kubelb_gen
from tests.support.specs import estate
from tests.support.yaml_readers import read_one

TENANT = """\
- name: primary
  nodes: [10.2.0.21]
  services:
    - name: web
      namespace: default
      clientIP: ignored
      because: nobody reads it
      externalTrafficPolicy: Local
      selector: {app: web}
      ports: [{name: main, port: 80, nodePort: 30080}]
"""


@pytest.mark.parametrize(("version", "copied"), [("1.3.1", None), ("1.3.2", "Local")])
@pytest.mark.parametrize("kind", ["loadbalancer", "envoy-service"])
def test_policy_is_expected_where_the_release_copies_it(
    version: str,
    copied: str | None,
    kind: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    spec = tmp_path_factory.mktemp("spec") / "spec.yaml"
    spec.write_text(estate(TENANT).replace("1.4.3", version))
    rendered = kubelb_gen.render(kubelb_gen.load(spec))
    path = f"expected/tenant-primary/default/web.{kind}.yaml"

    assert copied == read_one(rendered[path].text)["spec"].get("externalTrafficPolicy")
