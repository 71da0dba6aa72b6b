"""The real chart renders our values, and hands the agent what we decided.

Charts come in no package of the test extra.  Where a folder with `cilium-X.Y.Z.tgz`
files is at hand (`helm pull`), CILIUM_CHARTS names it.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from kubelb_gen.model import Cilium, Dispatch, ForwardingMode, Routing, Version
from kubelb_gen.render.cilium import drafts
from kubelb_gen.render.engine import lay_out
from tests.support import programs
from tests.support.cilium import MINORS, cilium, plan_with

SNAT, DSR = ForwardingMode.SNAT, ForwardingMode.DSR
NATIVE, TUNNEL = Routing.NATIVE, Routing.TUNNEL
OPT, GENEVE = Dispatch.OPT, Dispatch.GENEVE


def chart_of(minor: Version) -> tuple[Path, Version]:
    folder = os.environ.get("CILIUM_CHARTS")
    if not folder:
        pytest.skip("CILIUM_CHARTS names no folder with Cilium's charts")
    pattern = f"cilium-{minor.major}.{minor.minor}.*.tgz"
    found = sorted(Path(folder).glob(pattern))
    if not found:
        pytest.skip(f"{folder} has no {pattern}")
    version = found[-1].name.removeprefix("cilium-").removesuffix(".tgz")
    return found[-1], Version.parse(version)


def config_of(chart: Path, facts: Cilium, folder: Path) -> str:
    (draft,) = drafts(plan_with(facts))
    values = folder / "values.yaml"
    values.write_text(draft.text(lay_out), encoding="utf-8")
    command = [str(programs.helm()), "template", "cilium", str(chart)]
    command += ["-n", "kube-system", "-f", str(values), "--kube-version", "1.30.0"]
    command += ["-s", "templates/cilium-configmap.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("minor", MINORS, ids=str)
@pytest.mark.parametrize(
    ("mode", "routing", "dispatch", "platform"),
    [
        (DSR, NATIVE, OPT, "generic"),
        (DSR, NATIVE, GENEVE, "generic"),
        (DSR, TUNNEL, GENEVE, "generic"),
        (SNAT, TUNNEL, GENEVE, "generic"),
        (DSR, NATIVE, GENEVE, "eni"),
        (DSR, NATIVE, GENEVE, "gke"),
        (DSR, TUNNEL, GENEVE, "aks-byocni"),
    ],
)
def test_the_agent_is_told_what_was_decided(
    minor: Version,
    mode: ForwardingMode,
    routing: Routing,
    dispatch: Dispatch,
    platform: str,
    tmp_path: Path,
) -> None:
    chart, version = chart_of(minor)
    expected = {
        "routing-mode": routing.value,
        "kube-proxy-replacement": "true",
        "bpf-lb-mode": mode.value,
        "enable-bpf-masquerade": "true",
        "enable-ipv4-masquerade": "true",
    }
    if mode is DSR:
        expected["bpf-lb-dsr-dispatch"] = dispatch.value
        if dispatch is GENEVE:
            expected["tunnel-protocol"] = "geneve"
    if routing is NATIVE and platform != "eni":
        expected["ipv4-native-routing-cidr"] = "10.244.0.0/16"

    facts = cilium(
        version=version,
        mode=mode,
        routing=routing,
        dispatch=dispatch,
        platform=platform,
    )
    if platform == "eni":
        facts = cilium(
            version=version,
            dispatch=dispatch,
            platform=platform,
            native_routing_cidr=None,
        )
    text = config_of(chart, facts, tmp_path)

    data = yaml.safe_load(text)["data"]
    assert {key: data.get(key) for key in expected} == expected
    # What rule cilium-aks-geneve warns of, and nowhere else.
    doubled = len(re.findall("^  tunnel-protocol:", text, re.MULTILINE)) > 1
    assert doubled is (platform == "aks-byocni" and version < Version(1, 17))
