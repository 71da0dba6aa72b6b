"""What `rollout` answers, prints and writes."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml

import kubelb_gen
from kubelb_gen.cli.boundary import run
from tests.support.faults import killed_in_a_child
from tests.support.specs import NGINX, PORT, service
from tests.support.trees import on_disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command_line import Done

    Cli = Callable[..., Done]

TENANT = "nodes: [10.2.0.21]\ninternalCIDRs: [10.2.0.0/16]"
BARE = "proxyProtocol: none\nclientIP: preferred\nbecause: not yet"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A Service whose program gets no PROXY header."""
    path = tmp_path / "old.yaml"
    path.write_text(service(PORT, NGINX, more=BARE, tenant=TENANT), encoding="utf-8")
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The same Service, whose program gets one."""
    path = tmp_path / "new.yaml"
    path.write_text("# ours\n" + service(PORT, NGINX, tenant=TENANT), encoding="utf-8")
    return path


@pytest.fixture
def unsafe(tmp_path: Path) -> Path:
    """The same, by a strategy that NGINX has not."""
    path = tmp_path / "unsafe.yaml"
    more = "rollout: {strategy: in-place}"
    path.write_text(service(PORT, NGINX, more=more, tenant=TENANT), encoding="utf-8")
    return path


def test_steps_that_break_nothing_are_fine(cli: Cli, old: Path, new: Path) -> None:
    done = cli("rollout", old, new)

    assert (0, "") == (done.code, done.err)
    assert done.out.splitlines()[0].endswith(
        "6 steps, and no new connection fails where another pod is ready"
    )
    assert 6 == done.out.count("\n  rollback go back to")


def test_no_safe_order_is_a_no(cli: Cli, old: Path, unsafe: Path) -> None:
    done = cli("rollout", old, unsafe)

    assert 1 == done.code
    assert "no order breaks nothing: this is the least bad" in done.out
    assert "  broken   primary/default/web:" in done.out
    assert "refused: service 'web': nginx cannot tell" in done.out


def test_json_has_the_published_shape(
    cli: Cli, old: Path, new: Path, unsafe: Path, repository: Path
) -> None:
    text = (repository / "schemas" / "rollout-v1.json").read_text("utf-8")
    shape = jsonschema.Draft202012Validator(json.loads(text))
    for target in (old, new, unsafe):
        printed = json.loads(cli("rollout", old, target, "--format", "json").out)
        shape.validate(printed)

        assert (target is not unsafe) is printed["safe"]


def test_each_step_is_a_folder_that_renders_to_itself(
    cli: Cli, old: Path, new: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "steps"
    assert 0 == cli("rollout", old, new, "-q", "-o", folder).code
    steps = sorted(each for each in folder.iterdir() if each.is_dir())

    assert 6 == len(steps)
    for step in steps:
        assert 0 == cli("render", step / "spec.yaml", "-o", step, "--check").code
    assert new.read_text() == (steps[-1] / "spec.yaml").read_text()
    ports = [
        yaml.safe_load(
            (each / "tenants/primary/default/web.service.yaml").read_text("utf-8")
        )["spec"]["ports"][0]["targetPort"]
        for each in steps
    ]
    own = ports[0]
    assert [own, 15000, 15000, 15000, own, own] == ports


def test_writing_twice_changes_nothing(
    cli: Cli, old: Path, new: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "steps"
    for _ in range(2):
        assert 0 == cli("rollout", old, new, "-q", "-o", folder).code


def test_a_folder_that_holds_anything_else_is_left_alone(
    cli: Cli, old: Path, new: Path, tmp_path: Path
) -> None:
    done = cli("rollout", old, new, "-o", tmp_path)

    assert (4, "") == (done.code, done.out)
    assert "holds files that are no rollout's" in done.err


def test_steps_of_another_rollout_go(
    cli: Cli, old: Path, new: Path, unsafe: Path, tmp_path: Path
) -> None:
    folder, fresh = tmp_path / "steps", tmp_path / "fresh"
    cli("rollout", old, new, "-q", "-o", folder)
    done = cli("rollout", old, unsafe, "-q", "-o", folder)
    cli("rollout", old, unsafe, "-q", "-o", fresh)

    assert 1 == done.code
    assert on_disk(fresh) == on_disk(folder)


def test_a_step_that_was_edited_by_hand_is_left_alone(
    cli: Cli, old: Path, new: Path, unsafe: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "steps"
    cli("rollout", old, new, "-q", "-o", folder)
    (step,) = folder.glob("01-*")
    (step / "spec.yaml").write_text("mine")
    done = cli("rollout", old, unsafe, "-q", "-o", folder)

    assert 4 == done.code
    assert "spec.yaml: edited by hand" in done.err


def test_killed_anywhere_the_folder_is_whole_and_the_next_run_completes_it(
    old: Path, new: Path, unsafe: Path, tmp_path: Path
) -> None:
    arguments = ["rollout", str(old), str(unsafe), "-q", "-o"]
    run([*arguments, str(tmp_path / "wanted")])
    wanted, call, killed = on_disk(tmp_path / "wanted"), 0, True
    while killed:
        call += 29
        folder = tmp_path / str(call)
        run(["rollout", str(old), str(new), "-q", "-o", str(folder)])
        killed = killed_in_a_child(partial(run, [*arguments, str(folder)]), call)
        run([*arguments, str(folder)])

        assert wanted == on_disk(folder)
    assert call > 70


def test_a_rendered_folder_is_no_side(
    cli: Cli, old: Path, new: Path, tmp_path: Path
) -> None:
    cli("render", new, "-o", tmp_path / "rendered", "-q")
    done = cli("rollout", old, tmp_path / "rendered")

    assert 2 == done.code
    assert "a rollout starts at specs" in done.err


def test_an_unsound_end_is_refused_and_an_unsound_start_is_not(
    cli: Cli, old: Path, new: Path, tmp_path: Path
) -> None:
    lost = tmp_path / "lost.yaml"
    more = "proxyProtocol: none"
    lost.write_text(service(PORT, NGINX, more=more, tenant=TENANT), encoding="utf-8")

    assert 3 == cli("rollout", old, lost).code
    assert 0 == cli("rollout", lost, new).code


def test_markdown_is_a_checklist(cli: Cli, old: Path, new: Path) -> None:
    done = cli("rollout", old, new, "--format", "markdown")

    assert done.out.startswith("# acme")
    assert (
        "- [ ] `kubectl --context tenant-primary apply -k tenants/primary`" in done.out
    )


def test_the_library_gives_the_same_steps(old: Path, new: Path) -> None:
    steps = kubelb_gen.rollout(kubelb_gen.load(old), kubelb_gen.load(new))

    for step in steps:
        assert step.do
        assert step.wait
        assert step.rollback
        assert step.breaks in ("nothing", "established")
        assert "kind: ClientIPSpec" in step.spec


def test_a_state_between_keeps_the_words_of_its_author(
    cli: Cli, old: Path, new: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "steps"
    cli("rollout", old, new, "-q", "-o", folder)
    ours = old.read_text("utf-8").splitlines()
    step = (folder / "02-serve" / "spec.yaml").read_text("utf-8").splitlines()
    changed = [line for line in ours if line not in step]

    assert step[0].startswith("# Step 2 of 6 of a rollout: ")
    assert len(changed) <= 1, changed
