from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml

from kubelb_gen import api
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from tests.support.api_server import addresses, by_name, clusters, listed
from tests.support.command_line import kubelb_gen

if TYPE_CHECKING:
    from pathlib import Path

LAYER_4 = "examples/l4-proxy-protocol"


@pytest.fixture
def estate(repository: Path, tmp_path: Path) -> Path:
    """Dump the clusters of an example as `kubectl get` would."""
    spec = repository / LAYER_4 / "spec.yaml"
    found = clusters(render_plan(make_plan(api.load(spec))))
    nodes = yaml.safe_load(spec.read_text("utf-8"))["spec"]["tenants"][0]["nodes"]
    found["management"].append(addresses("primary", nodes))
    for cluster, objects in found.items():
        text = yaml.safe_dump(listed(objects), sort_keys=True)
        (tmp_path / f"{cluster}.yaml").write_text(text, "utf-8")
    (tmp_path / "spec.yaml").write_text(spec.read_text("utf-8"), "utf-8")
    return tmp_path


def edited(estate: Path) -> None:
    path = estate / "primary.yaml"
    found = {"primary": yaml.safe_load(path.read_text("utf-8"))["items"]}
    by_name(found, "primary", "Service")["spec"]["externalTrafficPolicy"] = "Cluster"
    path.write_text(yaml.safe_dump(listed(found["primary"])), "utf-8")


def schema(repository: Path, name: str) -> jsonschema.Draft202012Validator:
    found = json.loads((repository / "schemas" / name).read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def test_what_is_adopted_is_a_spec_that_renders_and_does_not_drift(
    estate: Path,
) -> None:
    files = ("--management", "management.yaml", "--tenant", "primary=primary.yaml")
    given = ("--load-balancer", "metallb-bgp", "--name", "mine")
    adopted = kubelb_gen("adopt", *files, *given, "-o", "new.yaml", folder=estate)
    rendered = kubelb_gen("render", "new.yaml", "-o", "out", folder=estate)
    drift = kubelb_gen("drift", "new.yaml", *files, folder=estate)

    assert (0, "") == (adopted.code, adopted.out)
    assert adopted.err.startswith("adopted 1 service; 1 unknown, 2 guessed\n")
    assert 0 == rendered.code
    assert (0, "no drift in 4 objects\n") == (drift.code, drift.out)


def test_a_file_is_replaced_by_force_alone(estate: Path) -> None:
    (estate / "new.yaml").write_text("mine", "utf-8")
    refused = kubelb_gen("adopt", "management.yaml", "-o", "new.yaml", folder=estate)
    kept = (estate / "new.yaml").read_text("utf-8")
    forced = kubelb_gen(
        "adopt", "management.yaml", "-o", "new.yaml", "--force", folder=estate
    )

    assert (4, "mine") == (refused.code, kept)
    assert "--force replaces it" in refused.err
    assert 0 == forced.code
    assert "ClientIPSpec" in (estate / "new.yaml").read_text("utf-8")


def test_facts_of_a_spec_beat_what_objects_do_not_tell(estate: Path) -> None:
    adopted = kubelb_gen(
        "adopt", ".", "--facts", "spec.yaml", "--name", "facts", folder=estate
    )
    spec = yaml.safe_load((estate / "spec.yaml").read_text("utf-8"))["spec"]

    assert spec["management"] == yaml.safe_load(adopted.out)["spec"]["management"]
    assert "unknown" not in yaml.safe_load(adopted.out)["spec"]["tenants"][0].values()


def test_standard_input_is_one_of_the_files(estate: Path) -> None:
    text = (estate / "primary.yaml").read_bytes()
    adopted = kubelb_gen("adopt", "--tenant", "primary=-", stdin=text)
    drift = kubelb_gen("drift", "spec.yaml", "-", stdin=text, folder=estate)

    assert 0 == adopted.code
    assert "# from <stdin>:" in adopted.out
    assert (0, "no drift in 2 objects\n") == (drift.code, drift.out)
    assert "not compared: no LoadBalancer of management" in drift.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("adopt", "--tenant", "primary"),
        ("adopt", "--tenant", "management=x"),
        ("adopt", "-", "--management", "-"),
        ("adopt", "x", "--force"),
        ("adopt", "x", "--load-balancer", "metalb"),
        ("adopt", "x", "--kubelb-version", "new"),
        ("drift", "-", "-"),
        ("drift",),
    ],
)
def test_a_request_without_sense_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    assert 2 == kubelb_gen(*arguments).code


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"", "nothing-to-adopt"),
        (b"a: [", "yaml-syntax"),
        (b"a: 1", "no-object"),
        (b"- 1", "wrong-type"),
        (b"\xff", "not-utf8"),
        (b'{"kind": "List", "apiVersion": "v1", "items": [1]}', "no-object"),
    ],
)
def test_what_is_no_dump_is_told_with_its_place(text: bytes, problem: str) -> None:
    done = kubelb_gen("adopt", "-", stdin=text)

    assert (3, "") == (done.code, done.out)
    assert done.err.startswith(f"error[{problem}]: ")


@pytest.mark.parametrize(
    "text", [b"", b"---\n", b"kind: List\napiVersion: v1\nitems: []"]
)
def test_a_dump_without_an_object_is_no_answer(estate: Path, text: bytes) -> None:
    done = kubelb_gen("drift", "spec.yaml", "-", stdin=text, folder=estate)

    assert (3, "") == (done.code, done.out)
    assert done.err.startswith("error[nothing-to-compare]: ")


def test_drift_is_an_answer_and_meaning_another(estate: Path) -> None:
    files = ("drift", "spec.yaml", "primary.yaml", "management.yaml")
    edited(estate)
    told = kubelb_gen(*files, folder=estate)
    meant = kubelb_gen(*files, "--fail-on", "meaning", folder=estate)

    assert (1, 1) == (told.code, meant.code)
    assert "the spec says Local, what runs says Cluster" in told.out
    assert "[primary.yaml:" in told.out
    assert "5000/TCP from internet-ipv4: broken" in told.out


def test_drift_without_another_meaning_can_pass(estate: Path) -> None:
    path = estate / "primary.yaml"
    path.write_text(path.read_text("utf-8").replace("30500", "30501"), "utf-8")
    files = ("drift", "spec.yaml", "primary.yaml")
    told = kubelb_gen(*files, folder=estate)
    meant = kubelb_gen(*files, "--fail-on", "meaning", folder=estate)

    assert (1, 0) == (told.code, meant.code)
    assert told.out.endswith("every path means what the spec says\n")


def test_drift_as_json_has_the_published_shape(repository: Path, estate: Path) -> None:
    edited(estate)
    files = ("drift", "spec.yaml", "primary.yaml", "management.yaml")
    printed = json.loads(kubelb_gen(*files, "--format", "json", folder=estate).out)
    schema(repository, "drift-v1.json").validate(printed)
    (difference,) = printed["differences"]
    paths = [printed["paths"][index] for index in difference["paths"]]

    assert "preserved" == paths[0]["wanted"]["verdict"]
    assert "broken" == paths[0]["runs"]["verdict"]


def test_what_was_adopted_as_json_has_the_published_shape(
    repository: Path, estate: Path
) -> None:
    printed = json.loads(
        kubelb_gen("adopt", ".", "--format", "json", folder=estate).out
    )
    schema(repository, "adopt-v1.json").validate(printed)

    assert "ClientIPSpec" == printed["spec"]["kind"]
    assert 1 == printed["services"]


def test_drift_is_drawn_for_github_and_for_a_comment(estate: Path) -> None:
    edited(estate)
    files = ("drift", "spec.yaml", "primary.yaml", "management.yaml")
    github = kubelb_gen(*files, "--format", "github", folder=estate).out
    markdown = kubelb_gen(*files, "--format", "markdown", folder=estate).out

    assert github.startswith("::error file=primary.yaml,line=")
    assert markdown.startswith("### 1 difference in 4 objects")
    assert "| primary | Service 'default/my\\-tcp\\-service' |" in markdown or (
        "| primary | Service 'default/my-tcp-service' |" in markdown
    )


@pytest.mark.parametrize("command", ["render", "validate", "trace"])
def test_nobody_else_pays_for_adopting(command: str, repository: Path) -> None:
    done = kubelb_gen(
        command,
        repository / LAYER_4 / "spec.yaml",
        *(("--all",) if command == "render" else ()),
        environment={"PYTHONPROFILEIMPORTTIME": "1"},
    )

    assert 0 == done.code
    assert "kubelb_gen.trace" in done.err
    assert not [
        name
        for name in ("adopt", "drift", "running")
        if f" kubelb_gen.{name}" in done.err
    ]
