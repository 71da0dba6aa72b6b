"""What several owners, and several environments, ask of the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

import kubelb_gen
from kubelb_gen.schema.kinds import FILES
from tests.support.specs import MANAGEMENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command_line import Done

    Cli = Callable[..., Done]

OVERLAY = """\
apiVersion: kubelb-gen/v1alpha1
kind: ClientIPOverlay
metadata: {name: acme}
spec:
"""
EGRESS = "  management: {egressCIDRs: [10.7.0.0/16]}\n"


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    path = tmp_path / "overlay.yaml"
    path.write_text(OVERLAY + EGRESS, encoding="utf-8")
    return path


def read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@pytest.mark.parametrize("layout", [(), ("--format", "json")])
def test_exported_facts_are_those_of_the_library(
    cli: Cli, two_tenants: Path, layout: tuple[str, ...]
) -> None:
    done = cli("export", "--tenant", "team-a", two_tenants, *layout)

    assert (0, "") == (done.code, done.err)
    assert kubelb_gen.export(kubelb_gen.load(two_tenants), "team-a") == read(done.out)


def test_facts_and_a_tenant_render_without_the_rest(
    cli: Cli, two_tenants: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    whole = read(two_tenants.read_text("utf-8"))
    own = {
        **whole,
        "kind": "TenantSpec",
        "spec": {"tenants": whole["spec"]["tenants"][:1]},
    }
    (folder / "tenant.json").write_text(json.dumps(own), encoding="utf-8")
    facts = cli("export", "--tenant", "team-a", two_tenants).out
    (folder / "facts.yaml").write_text(facts, encoding="utf-8")
    one = cli("render", two_tenants, "--cluster", "team-a")
    other = cli("render", folder)

    assert (0, one.out) == (other.code, other.out)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--tenant", "taem-a"), 2, "did you mean 'team-a'?"),
        ((), 2, "missing option '--tenant'"),
    ],
)
def test_an_export_of_nobody_is_a_usage_error(
    cli: Cli, two_tenants: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    done = cli("export", two_tenants, *arguments)

    assert (code, "") == (done.code, done.out)
    assert told in done.err


def test_an_export_says_of_whom_it_knows_nothing(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "management.yaml"
    path.write_text(cli("init", "--kind", "management").out, encoding="utf-8")
    loud = cli("export", "--tenant", "team-a", path)
    quiet = cli("export", "-q", "--tenant", "team-a", path)

    assert "nothing is said of team-b" in loud.err
    assert (loud.out, "") == (quiet.out, quiet.err)


@pytest.mark.parametrize(
    "command",
    [
        ("render", "--all"),
        ("trace", "--format", "json"),
        ("validate", "--format", "json"),
        ("export", "--tenant", "primary"),
    ],
)
def test_every_command_that_takes_a_spec_takes_an_overlay(
    cli: Cli, spec: Path, overlay: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    edited = tmp_path / "edited.yaml"
    text = spec.read_text("utf-8")
    assert "10.3.0.0/16" in MANAGEMENT
    edited.write_text(text.replace("10.3.0.0/16", "10.7.0.0/16"), encoding="utf-8")
    laid = cli(*command, spec, "--overlay", overlay)
    by_hand = cli(*command, edited)

    assert 0 == laid.code
    assert laid.out.replace(spec.name, edited.name) == by_hand.out


def test_overlays_are_laid_in_their_order(
    cli: Cli, spec: Path, overlay: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second.yaml"
    second.write_text(OVERLAY + EGRESS.replace("10.7", "10.8"), encoding="utf-8")
    found = cli(
        "export", "--tenant", "primary", spec, "--overlay", overlay, "--overlay", second
    )

    assert ["10.8.0.0/16"] == read(found.out)["spec"]["management"]["egressCIDRs"]


def test_an_overlay_that_is_not_there_is_the_environments_fault(
    cli: Cli, spec: Path
) -> None:
    done = cli("validate", spec, "--overlay", "missing.yaml")

    assert (4, "") == (done.code, done.out)
    assert "missing.yaml" in done.err


def test_an_overlay_is_a_file(cli: Cli, spec: Path, tmp_path: Path) -> None:
    done = cli("validate", spec, "--overlay", tmp_path)

    assert (4, "") == (done.code, done.out)
    assert "an overlay is a file" in done.err


def test_standard_input_is_read_once(cli: Cli) -> None:
    done = cli("validate", "-", "--overlay", "-")

    assert 2 == done.code
    assert "cannot be both SPEC and --overlay" in done.err


def test_a_check_that_fails_names_the_overlay_again(
    cli: Cli, spec: Path, overlay: Path, tmp_path: Path
) -> None:
    cli("render", spec, "-o", tmp_path / "out")
    done = cli("render", spec, "--overlay", overlay, "-o", tmp_path / "out", "--check")

    assert 1 == done.code
    assert f"render {spec} --overlay {overlay} -o" in done.err


def test_every_format_names_what_an_overlay_overrides(
    cli: Cli, spec: Path, tmp_path: Path, repository: Path
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(OVERLAY + EGRESS.replace("0.0/16", "0.1/16"), encoding="utf-8")
    told = {
        layout: cli("validate", "-q", spec, "--overlay", path, "--format", layout).out
        for layout in ("text", "json", "github", "sarif", "junit")
    }
    schema = json.loads(
        (repository / "schemas" / "findings-v1.json").read_text("utf-8")
    )
    found = json.loads(told.pop("json"))
    jsonschema.validate(found, schema)

    assert {"file": str(spec), "line": 8} == found["findings"][0]["overrides"]
    assert dict.fromkeys(told, True) == {
        layout: f"overrides {spec}:8" in text for layout, text in told.items()
    }


def test_an_overlay_among_the_specs_is_refused(
    cli: Cli, spec: Path, overlay: Path
) -> None:
    done = cli("validate", spec, overlay)

    assert 3 == done.code
    assert "error[misplaced-kind]" in done.out


@pytest.mark.parametrize(
    ("name", "file"),
    [
        *((kind, file) for kind, file in FILES.items()),
        ("tenant", FILES["TenantSpec"]),
        ("overlay", FILES["ClientIPOverlay"]),
        ("Management", FILES["ManagementSpec"]),
    ],
)
def test_the_schema_of_each_kind_is_printed(
    cli: Cli, repository: Path, name: str, file: str
) -> None:
    done = cli("schema", "--kind", name)

    assert (0, (repository / "schemas" / file).read_text("utf-8")) == (
        done.code,
        done.out,
    )


@pytest.mark.parametrize("command", ["schema", "init"])
def test_a_kind_that_does_not_exist_is_a_usage_error(cli: Cli, command: str) -> None:
    done = cli(command, "--kind", "tenat")

    assert 2 == done.code
    assert "did you mean 'tenant'?" in done.err


def test_first_documents_of_each_owner_go_together(cli: Cli, tmp_path: Path) -> None:
    for kind in ("management", "tenant"):
        assert 0 == cli("init", "--kind", kind, tmp_path / f"{kind}.yaml").code
    facts = tmp_path / "mine" / "facts.yaml"
    facts.parent.mkdir()
    exported = cli("export", "--tenant", "team-a", tmp_path / "management.yaml")
    facts.write_text(exported.out, encoding="utf-8")

    tenant = tmp_path / "tenant.yaml"
    assert 0 == cli("validate", "--strict", tenant, facts).code
    assert 0 == cli("render", tenant, facts, "-o", tmp_path / "out").code
    assert not (tmp_path / "out" / "management").exists()


def test_a_first_overlay_fits_the_first_spec(cli: Cli, tmp_path: Path) -> None:
    for kind in ("spec", "overlay"):
        cli("init", "--kind", kind, tmp_path / f"{kind}.yaml")
    done = cli(
        "validate",
        "--strict",
        tmp_path / "spec.yaml",
        "--overlay",
        tmp_path / "overlay.yaml",
    )

    assert (0, "sound\n") == (done.code, done.err)
