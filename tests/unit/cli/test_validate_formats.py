"""The formats of `validate`: one answer, whoever reads it."""

from __future__ import annotations

import json
from email.message import Message
from importlib.metadata import PackageNotFoundError
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command_line import Done

    Cli = Callable[..., Done]

FORMATS = ("text", "json", "github", "sarif", "junit")
SUPPRESS = """\
  suppress:
    - {rule: client-ip-lost, reason: a lab, tenant: primary}
"""


@pytest.fixture
def accepted(unmet: Path) -> Path:
    """The unmet wish, with the owner's word that it may be."""
    unmet.write_text(unmet.read_text("utf-8") + SUPPRESS, encoding="utf-8")
    return unmet


def failures(done: Done) -> int:
    return int(ET.fromstring(done.out).get("failures", ""))  # noqa: S314  our own


@pytest.mark.parametrize("layout", FORMATS)
def test_the_format_does_not_change_the_answer(
    layout: str, cli: Cli, spec: Path, warned: Path, unmet: Path, no_spec: Path
) -> None:
    def code(path: Path, *flags: str) -> int:
        return cli("validate", path, "--format", layout, *flags).code

    assert 0 == code(spec)
    assert 0 == code(warned)
    assert 1 == code(warned, "--strict")
    assert 1 == code(unmet)
    assert 3 == code(no_spec)


@pytest.mark.parametrize("layout", FORMATS[1:])
def test_the_talk_is_on_standard_error_in_every_format(
    layout: str, cli: Cli, unmet: Path
) -> None:
    done = cli("validate", unmet, "--format", layout)

    assert "1 error, 0 warnings\n" == done.err
    assert "1 error, 0 warnings" not in done.out


def test_junit_fails_exactly_where_the_answer_is_no(
    cli: Cli, warned: Path, unmet: Path, no_spec: Path
) -> None:
    def counted(path: Path, *flags: str) -> int:
        return failures(cli("validate", path, "--format", "junit", *flags))

    assert 0 == counted(warned)
    assert 1 == counted(warned, "--strict")
    assert 1 == counted(unmet)
    assert 0 < counted(no_spec)


def test_junit_says_of_no_rule_that_it_passed_on_what_is_no_spec(
    cli: Cli, no_spec: Path
) -> None:
    done = cli("validate", no_spec, "--format", "junit")

    assert 'classname="kubelb-gen.spec"' in done.out
    assert 'classname="kubelb-gen.rules"' not in done.out


def test_sarif_names_files_from_the_folder_one_is_in(
    cli: Cli, unmet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(unmet.parent)
    (run,) = json.loads(cli("validate", unmet, "--format", "sarif").out)["runs"]
    (result,) = run["results"]
    place = result["locations"][0]["physicalLocation"]
    line = unmet.read_text("utf-8").splitlines()[place["region"]["startLine"] - 1]
    region = place["region"]

    assert {"uri": "unmet.yaml"} == place["artifactLocation"]
    assert line[region["startColumn"] - 1 :].startswith("{name: main, port: 53")
    assert region["endColumn"] <= len(line) + 1


def test_sarif_shows_the_hops_that_lost_the_client(cli: Cli, unmet: Path) -> None:
    (run,) = json.loads(cli("validate", unmet, "--format", "sarif").out)["runs"]
    ((thread,),) = (each["threadFlows"] for each in run["results"][0]["codeFlows"])
    steps = [each["location"]["message"]["text"] for each in thread["locations"]]

    assert "internet-ipv4: client sends" == steps[0]
    assert ["load-balancer", "management-node", "kubelb-envoy", "tenant-node"] == [
        each.split(":")[0] for each in steps[1:5]
    ]
    assert "externalTrafficPolicy: Cluster]" in steps[2]


def test_sarif_leads_to_the_documents_that_the_package_names(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first() -> dict[str, Any]:
        (run,) = json.loads(cli("validate", spec, "--format", "sarif").out)["runs"]
        return dict(run["tool"]["driver"]["rules"][0])

    def metadata(name: str) -> Message:
        package = Message()
        package["Project-URL"] = f"Home, https://example.com/{name}"
        package["Project-URL"] = f"Documentation, https://example.com/{name}/docs"
        return package

    def absent(name: str) -> Message:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.metadata", metadata)
    documents = "https://example.com/kubelb-gen/docs"
    assert first()["helpUri"] == f"{documents}/reference/rules.md#{first()['id']}"
    monkeypatch.setattr("importlib.metadata.metadata", absent)
    assert "helpUri" not in first()


@pytest.mark.parametrize("path", ["spec", "no_spec"])
def test_sarif_always_has_a_list_of_results(
    path: str, cli: Cli, request: pytest.FixtureRequest
) -> None:
    file = request.getfixturevalue(path)
    (run,) = json.loads(cli("validate", file, "--format", "sarif").out)["runs"]

    assert (path == "no_spec") == bool(run["results"])


@pytest.mark.parametrize("layout", ["json", "github", "sarif", "junit"])
def test_what_the_owner_accepts_is_in_every_report(
    layout: str, cli: Cli, accepted: Path
) -> None:
    done = cli("validate", accepted, "--format", layout)

    assert 0 == done.code
    assert "client-ip-lost" in done.out
    assert "a lab" in done.out


def test_json_tells_the_reason_beside_what_is_accepted(
    cli: Cli, accepted: Path, repository: Path
) -> None:
    schema = json.loads(
        (repository / "schemas" / "findings-v1.json").read_text("utf-8")
    )
    document = json.loads(cli("validate", accepted, "--format", "json").out)
    jsonschema.Draft202012Validator(schema).validate(document)

    assert [] == document["findings"]
    assert [("client-ip-lost", "a lab")] == [
        (each["id"], each["reason"]) for each in document["suppressed"]
    ]


def test_github_gets_a_line_for_each_finding_and_none_when_all_is_well(
    cli: Cli, spec: Path, unmet: Path
) -> None:
    done = cli("validate", unmet, "--format", "github")

    assert "" == cli("validate", spec, "--format", "github").out
    assert done.out.startswith(f"::error file={unmet},line=")
    assert 1 == done.out.count("\n")


def test_quiet_says_nothing_of_what_is_no_spec_either(cli: Cli, no_spec: Path) -> None:
    done = cli("validate", no_spec, "-q", "--format", "json")

    assert (3, "") == (done.code, done.err)


@pytest.mark.parametrize("layout", FORMATS)
def test_quiet_leaves_warnings_out_of_every_format(
    layout: str, cli: Cli, warned: Path
) -> None:
    told = "outside 30000-32767"
    loud = cli("validate", warned, "--format", layout)
    quiet = cli("validate", warned, "-q", "--format", layout)

    assert told in loud.out
    assert told not in quiet.out
    assert "" == quiet.err
