"""What `validate` answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command_line import Done

    Cli = Callable[..., Done]


def test_a_sound_spec_has_no_result_and_one_word_of_talk(cli: Cli, spec: Path) -> None:
    done = cli("validate", spec)

    assert (0, "", "sound\n") == (done.code, done.out, done.err)


def test_an_unmet_wish_is_a_no(cli: Cli, unmet: Path) -> None:
    done = cli("validate", unmet)

    assert 1 == done.code
    assert done.out.startswith("error[client-ip-lost]: ")
    assert "1 error, 0 warnings\n" == done.err


@pytest.mark.parametrize(("flags", "code"), [((), 0), (("--strict",), 1)])
def test_strict_counts_warnings(
    flags: tuple[str, ...], code: int, cli: Cli, warned: Path
) -> None:
    done = cli("validate", warned, *flags)

    assert code == done.code
    assert done.out.startswith("warning[")
    assert "0 errors, 1 warning\n" == done.err


def test_quiet_prints_errors_alone(cli: Cli, warned: Path, unmet: Path) -> None:
    of_warning = cli("validate", warned, "-q")
    of_error = cli("validate", unmet, "-q")

    assert (0, "", "") == (of_warning.code, of_warning.out, of_warning.err)
    assert of_error.out.startswith("error[")
    assert "" == of_error.err


def test_what_is_no_spec_is_told_wholly(cli: Cli, no_spec: Path) -> None:
    done = cli("validate", no_spec)

    assert 3 == done.code
    assert f"--> {no_spec}:1:13  at apiVersion\n" in done.out
    assert f"--> {no_spec}:2:7  at kind\n" in done.out
    assert "not a spec: 2 problems\n" == done.err


def test_what_is_no_spec_is_told_as_json_too(cli: Cli, no_spec: Path) -> None:
    done = cli("validate", no_spec, "--format", "json")
    found = json.loads(done.out)["findings"]

    assert 3 == done.code
    assert [(1, "apiVersion"), (2, "kind")] == [
        (each["line"], each["path"]) for each in found
    ]
    assert {"error"} == {each["severity"] for each in found}
    assert {str(no_spec)} == {each["file"] for each in found}


def test_findings_come_in_the_order_of_lines(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(
        "apiVersion: kubelb-gen/v1alpha1\nkind: ClientIPSpec\n"
        "metadata: {name: Upper}\n"
        "spec:\n  kubelb: {version: 1, edition: XE}\n  managment: {}\n",
        encoding="utf-8",
    )
    found = json.loads(cli("validate", path, "--format", "json").out)["findings"]
    lines = [each["line"] for each in found]

    assert len(lines) > 3
    assert sorted(lines) == lines


def test_a_sound_spec_is_an_empty_list_in_json(cli: Cli, spec: Path) -> None:
    done = cli("validate", spec, "--format", "json")

    assert {"version": 1, "findings": [], "suppressed": []} == json.loads(done.out)


def test_a_folder_is_validated_as_one_spec(cli: Cli, examples: Path) -> None:
    assert 0 == cli("validate", examples / "multi-tenant" / "specs").code
    part = examples / "multi-tenant" / "specs" / "team-a.yaml"
    assert 3 == cli("validate", part).code


def test_a_folder_without_a_spec_is_told(cli: Cli, tmp_path: Path) -> None:
    done = cli("validate", tmp_path)

    assert 3 == done.code
    assert f"error[no-spec]: no spec in '{tmp_path}'\n" in done.out


def test_a_tenant_cannot_have_the_management_clusters_name(
    cli: Cli, spec: Path
) -> None:
    spec.write_text(
        spec.read_text("utf-8").replace("name: primary", "name: management")
    )
    done = cli("validate", spec)

    assert 3 == done.code
    assert "error[reserved-name]: a tenant cannot be called 'management'" in done.out


def test_a_suppressed_finding_is_listed_with_its_reason(cli: Cli, unmet: Path) -> None:
    suppression = (
        "  suppress:\n    - {rule: client-ip-lost, reason: a lab, tenant: primary}\n"
    )
    unmet.write_text(unmet.read_text("utf-8") + suppression, encoding="utf-8")
    done = cli("validate", unmet)

    assert (0, "") == (done.code, done.out)
    assert done.err.startswith("suppressed[client-ip-lost]: port 53/UDP")
    assert "(a lab)" in done.err


def test_a_file_that_cannot_be_read_is_the_environments_fault(
    cli: Cli, tmp_path: Path
) -> None:
    assert 4 == cli("validate", tmp_path / "missing.yaml").code
    assert 4 == cli("validate", tmp_path / "missing.yaml", "--format", "json").code
