"""The library as its users write it: values in, values out, nothing printed."""

from __future__ import annotations

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import kubelb_gen
from kubelb_gen.artifacts import LOCK_NAME
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from tests.support.specs import service

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "spec.yaml"
    path.write_text(service(tenant="nodes: [10.2.0.21]"), encoding="utf-8")
    return path


def test_the_public_names_are_there() -> None:
    for name in kubelb_gen.__all__:
        assert getattr(kubelb_gen, name) is not None
    assert sorted(kubelb_gen.__all__) == dir(kubelb_gen)
    with pytest.raises(AttributeError, match="no attribute 'renderr'"):
        _ = kubelb_gen.renderr


def test_importing_imports_nothing_else() -> None:
    code = (
        "import sys, kubelb_gen\n"
        "print(*[m for m in sys.modules if m.startswith('kubelb_gen')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert b"kubelb_gen" == done.stdout.strip()


def test_functions_keep_their_names_beside_packages_of_the_same_name(
    spec: Path,
) -> None:
    kubelb_gen.render(kubelb_gen.load(spec))

    assert callable(kubelb_gen.render)
    assert callable(kubelb_gen.check)


def test_a_fleet_renders_to_artifacts_without_any_output(
    spec: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    artifacts = kubelb_gen.render(kubelb_gen.load(spec))
    before = sorted(tmp_path.iterdir())
    report = artifacts.write(tmp_path / "out")

    assert [spec] == before
    assert set(report.written) == set(artifacts)
    assert (tmp_path / "out" / LOCK_NAME).is_file()
    assert artifacts.compare(tmp_path / "out").same
    assert ("", "") == capfd.readouterr()


def test_artifacts_cross_to_another_process(spec: Path) -> None:
    artifacts = kubelb_gen.render(kubelb_gen.load(spec))
    copy = pickle.loads(pickle.dumps(artifacts))  # noqa: S301  our own

    assert dict(artifacts) == dict(copy)
    assert artifacts.lock == copy.lock
    assert copy.lock.meaning


def test_plain_data_is_a_spec_too(spec: Path) -> None:
    data = _data(spec)
    texts = [
        {path: each.text for path, each in kubelb_gen.render(fleet).items()}
        for fleet in (kubelb_gen.load(spec), kubelb_gen.from_data(data))
    ]

    assert texts[0] == texts[1]


def test_plain_data_is_left_as_it_was(spec: Path) -> None:
    data, again = _data(spec), _data(spec)
    kubelb_gen.render(kubelb_gen.from_data(data))

    assert again == data


def test_every_problem_comes_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text("apiVersion: v1\nkind: List\n", encoding="utf-8")
    with pytest.raises(kubelb_gen.SpecError) as refusal:
        kubelb_gen.load(path)

    assert 3 == refusal.value.exit_code
    assert [(str(path), 1, 13), (str(path), 2, 7)] == [
        (each.location.source, each.location.line, each.location.column)
        for each in refusal.value.diagnostics
        if each.location is not None
    ]
    assert f"{path}:1:13: " in str(refusal.value)


def test_problems_of_plain_data_have_paths_and_no_lines() -> None:
    with pytest.raises(kubelb_gen.SpecError) as refusal:
        kubelb_gen.from_data({"apiVersion": "v1", "kind": "List"})

    assert {"apiVersion", "kind"} == {
        str(each.at) for each in refusal.value.diagnostics
    }
    assert {None} == {each.location for each in refusal.value.diagnostics}


@pytest.mark.parametrize(
    ("data", "given"), [(None, "nothing"), ([], "a list"), ("spec.yaml", "a str")]
)
def test_plain_data_that_is_no_mapping_is_told_as_what_it_is(
    data: Any,  # noqa: ANN401  what no type checker would let pass
    given: str,
) -> None:
    with pytest.raises(kubelb_gen.SpecError, match=f"must be a mapping.* is {given}"):
        kubelb_gen.from_data(data)


def test_what_cannot_be_read_is_no_fault_of_the_spec(tmp_path: Path) -> None:
    with pytest.raises(kubelb_gen.OutputError, match=r"missing\.yaml"):
        kubelb_gen.load(tmp_path / "missing.yaml")


def test_an_unmet_wish_is_found_by_check_and_refused_by_render(
    examples: Path,
) -> None:
    fleet = kubelb_gen.load(examples / "l4-udp" / "refused.yaml")
    (error,) = kubelb_gen.check(fleet).errors
    with pytest.raises(kubelb_gen.SpecError) as refusal:
        kubelb_gen.render(fleet)

    assert "client-ip-lost" == error.id
    assert (error,) == refusal.value.diagnostics


def _data(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML  # noqa: PLC0415  the one reader of this test

    data: dict[str, Any] = YAML(typ="safe", pure=True).load(path)
    return data


def test_meaning_is_the_same_for_every_thread_that_asks(examples: Path) -> None:
    fleet = kubelb_gen.load(examples / "hetzner-mixed" / "spec.yaml")
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            locks = [kubelb_gen.render(fleet)] * 8

            assert 1 == len(set(pool.map(lambda each: each.lock.text(), locks)))


def test_a_value_that_a_grammar_refuses_is_told_with_its_file(spec: Path) -> None:
    text = spec.read_text("utf-8").replace(
        "mode: stream,", "mode: http, probe: {type: httpGet, port: 8081, path: /$x},"
    )
    spec.write_text(text, "utf-8")
    fleet = kubelb_gen.load(spec)

    with pytest.raises(kubelb_gen.SpecError) as refusal:
        kubelb_gen.render(fleet)
    (told,) = refusal.value.diagnostics
    assert "grammar-refused" == told.id
    assert told.location is not None
    # What no rule foresaw names the file alone.
    with pytest.raises(kubelb_gen.RenderError, match=r"web\.nginx\.conf.*NGINX"):
        render_plan(make_plan(fleet))


def test_a_rollout_starts_at_fleets_or_at_paths_of_specs(
    spec: Path, tmp_path: Path
) -> None:
    fleet = kubelb_gen.load(spec)
    steps = kubelb_gen.rollout(str(spec), spec)
    fleet_to_path = kubelb_gen.rollout(fleet, spec)
    kubelb_gen.render(fleet).write(tmp_path / "out")

    assert [] == [*steps] == [*fleet_to_path]
    assert steps.safe
    with pytest.raises(kubelb_gen.OutputError, match="nowhere"):
        kubelb_gen.rollout(fleet, tmp_path / "nowhere.yaml")
    with pytest.raises(kubelb_gen.UsageError, match="out' is no spec: a rollout"):
        kubelb_gen.rollout(tmp_path / "out", fleet)
    with pytest.raises(kubelb_gen.UsageError, match="Artifacts is no spec"):
        kubelb_gen.rollout(fleet, kubelb_gen.render(fleet))  # type: ignore[arg-type]
