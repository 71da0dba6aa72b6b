"""Templates of the user's own take the place of ours, and can do nothing else."""

from __future__ import annotations

import os
import re
import resource
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import kubelb_gen
from kubelb_gen.cli.boundary import run
from kubelb_gen.errors import OutputError, TemplateError
from kubelb_gen.render.own.templates import OwnTemplates
from tests.hostile.guard import watched
from tests.hostile.templates_that_attack import ATTACKS, BRANCHES, TOO_MUCH
from tests.support.command_line import COMMAND, clean_environment
from tests.support.specs import fleet, service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubelb_gen.diagnostics import Diagnostic

HEADER = '{% include "_header.j2" %}\n'
SERVICE = "kubernetes/service.yaml.j2"
OURS = '{% include "kubelb-gen/kubernetes/service.yaml.j2" %}\n'
PATH = "tenants/primary/default/web.service.yaml"
CONTEXT = {"spec": "acme", "ports": ({"name": "main"},)}


def templates(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return folder


def rendered(folder: Path, files: Mapping[str, str]) -> kubelb_gen.Artifacts:
    spec = fleet(service())
    return kubelb_gen.render(spec, templates=templates(folder, files))


def refused(folder: Path, files: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    with pytest.raises(TemplateError) as refusal:
        rendered(folder, files)
    return refusal.value.diagnostics


def test_ours_write_the_same_bytes_in_the_sandbox(
    examples: Path, tmp_path: Path
) -> None:
    own = templates(tmp_path, {SERVICE: OURS})
    for example in ("every-backend", "hetzner-mixed", "cilium-dsr-native"):
        spec = kubelb_gen.load(examples / example / "spec.yaml")
        ours = {path: each.text for path, each in kubelb_gen.render(spec).items()}
        theirs = kubelb_gen.render(spec, templates=own)

        assert ours == {path: each.text for path, each in theirs.items()}


def test_a_template_takes_the_place_of_ours_and_of_no_other(tmp_path: Path) -> None:
    ours = kubelb_gen.render(fleet(service()))
    theirs = rendered(tmp_path, {SERVICE: f"{HEADER}team: edge\n{OURS[:-1]}"})
    changed = [path for path in ours if ours[path].text != theirs[path].text]

    assert [PATH] == changed
    assert theirs[PATH].text.splitlines()[1] == "team: edge"
    assert theirs[PATH].text.endswith(ours[PATH].text)


def test_a_partial_of_ours_is_replaced_wherever_ours_include_it(tmp_path: Path) -> None:
    header = '{% include "kubelb-gen/_header.j2" %}\n# Ask team edge first.\n'
    theirs = rendered(tmp_path, {"_header.j2": header})

    assert {"# Ask team edge first."} == {
        each.text.splitlines()[1] for each in theirs.values()
    }


def test_a_part_of_a_bootstrap_is_replaced_for_every_port(tmp_path: Path) -> None:
    part = "envoy/_cluster.yaml.j2"
    text = f'{{% include "kubelb-gen/{part}" %}}\n    # by {{{{ resource.name }}}}\n'
    spec = fleet(service(tenant="nodes: [10.2.0.21]"))
    path = "expected/tenant-primary/envoy-bootstrap.yaml"
    ours = kubelb_gen.render(spec)[path].text
    own = templates(tmp_path, {part: text})
    theirs = kubelb_gen.render(spec, templates=own)[path].text
    (name,) = re.findall(r"    # by (.*)\n", theirs)

    assert f'cluster_name: "{name}"' in ours
    assert ours == theirs.replace(f"    # by {name}\n", "")


def test_an_error_in_a_part_of_a_bootstrap_points_at_the_part(tmp_path: Path) -> None:
    own = templates(tmp_path, {"envoy/_cluster.yaml.j2": "\n{{ nope }}"})
    with pytest.raises(TemplateError) as refusal:
        kubelb_gen.render(fleet(service(tenant="nodes: [10.2.0.21]")), templates=own)
    (told,) = refusal.value.diagnostics

    assert told.location is not None
    assert told.location.source == str(tmp_path / "envoy/_cluster.yaml.j2")
    assert told.location.line == 2


def test_a_template_includes_what_stands_beside_it(tmp_path: Path) -> None:
    text = f'{HEADER}{{% include "mine/_team.j2" %}}\n'
    theirs = rendered(tmp_path, {SERVICE: text, "mine/_team.j2": "# by {{ name }}\n"})

    assert "# by web" in theirs[PATH].text


def test_what_a_backend_file_says_stands_in_its_config_map(tmp_path: Path) -> None:
    text = f"{HEADER}# nothing\n"
    theirs = rendered(tmp_path, {"nginx/stream.conf.j2": text})
    config_map = theirs["tenants/primary/default/web.nginx.configmap.yaml"].text

    assert "# nothing" in config_map


def test_an_error_points_at_file_line_and_column_of_its_template(
    tmp_path: Path,
) -> None:
    (told,) = refused(tmp_path, {SERVICE: f"{HEADER}\n  a: {{{{ nmae }}}}\n"})

    assert told.id == "template-undefined"
    assert told.message == "'nmae' is undefined"
    assert told.location is not None
    assert told.location.source == str(tmp_path / SERVICE)
    assert (told.location.line, told.location.column) == (3, 9)
    assert told.location.width == 4
    assert told.hint is not None
    assert "namespace, ports, selector" in told.hint


def test_an_error_in_a_partial_points_at_the_partial(tmp_path: Path) -> None:
    files = {SERVICE: '{% include "_x.j2" %}', "_x.j2": "\n\n{{ ports.nope }}"}
    (told,) = refused(tmp_path, files)

    assert told.location is not None
    assert told.location.source == str(tmp_path / "_x.j2")
    assert told.location.line == 3


def test_the_problems_of_all_templates_are_told_at_once(tmp_path: Path) -> None:
    files = {
        SERVICE: "{% for %}",
        "nginx/stream.conf.j2": "{{ x",
        "nginx/steam.conf.j2": "",
        "notes.txt": "{{ x",
    }
    told = {each.id: each for each in refused(tmp_path, files)}

    assert {"template-syntax", "unknown-template"} == set(told)
    assert told["unknown-template"].hint == "did you mean 'nginx/stream.conf.j2'?"
    assert len(refused(tmp_path, files)) == 3


def test_files_that_fail_are_told_at_once_and_each_line_once(tmp_path: Path) -> None:
    files = {SERVICE: f"{HEADER}{{{{ x }}}}", "nginx/stream.conf.j2": "{{ y }}"}
    told = refused(tmp_path, files)

    assert ["'x' is undefined", "'y' is undefined"] == sorted(e.message for e in told)


def test_a_text_without_our_header_is_refused(tmp_path: Path) -> None:
    (told,) = refused(tmp_path, {SERVICE: "kind: Service\n"})

    assert told.id == "template-header"
    assert told.hint == 'let its first line be {% include "_header.j2" %}'


def laid_out(folder: Path) -> str:
    own = OwnTemplates(str(folder))
    text = own.lay_out(SERVICE, CONTEXT)
    own.refuse_problems()
    return text


def test_many_branches_are_laid_out_or_refused_in_bounded_time(tmp_path: Path) -> None:
    folder = templates(tmp_path, {SERVICE: HEADER + BRANCHES})
    with watched(None, 5):
        try:
            text = laid_out(folder)
        except TemplateError as refusal:
            told = {each.id for each in refusal.diagnostics}
            assert {TOO_MUCH} == told
        else:
            assert text.startswith("# Generated by kubelb-gen")


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_in_bounded_time(name: str, tmp_path: Path) -> None:
    text, expected = ATTACKS[name]
    folder = templates(tmp_path, {SERVICE: HEADER + text})

    with pytest.raises(TemplateError) as refusal, watched(None, 5):
        laid_out(folder)
    assert {expected} == {each.id for each in refusal.value.diagnostics}
    for told in refusal.value.diagnostics:
        assert told.location is not None
        assert told.location.source == str(folder / SERVICE)


def test_all_attacks_together_stay_below_their_memory(tmp_path: Path) -> None:
    names = {
        "kubernetes/service.yaml.j2": "a macro that calls itself twice",
        "kubernetes/config_map.yaml.j2": "loops in loops",
        "nginx/stream.conf.j2": "text in macros",
    }
    folder = templates(
        tmp_path, {name: HEADER + ATTACKS[each][0] for name, each in names.items()}
    )
    spec = tmp_path / "spec.yaml"
    spec.write_text(service(), "utf-8")
    done = subprocess.run(
        [*COMMAND, "render", "--all", "--templates", folder, spec],
        capture_output=True,
        env=clean_environment(None),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29)),
        timeout=60,
        check=False,
    )

    assert done.returncode == 3, done.stderr
    assert done.stderr.count(b"template-too-much") == 3
    assert b"" == done.stdout


def test_a_template_that_is_too_much_is_not_tried_again(tmp_path: Path) -> None:
    text = HEADER + ATTACKS["loops in loops"][0]
    own = OwnTemplates(str(templates(tmp_path, {SERVICE: text})))
    with watched(None, 5):
        for _ in range(10_000):
            assert own.lay_out(SERVICE, CONTEXT) == ""

    with pytest.raises(TemplateError):
        own.refuse_problems()


def link_out(folder: Path) -> None:
    (folder.parent / "outside.j2").write_text("secret")
    (folder / "_x.j2").symlink_to("../outside.j2")


def fifo(folder: Path) -> None:
    os.mkfifo(folder / "_x.j2")


def huge(folder: Path) -> None:
    (folder / "_x.j2").write_text("x" * 70_000)


def latin(folder: Path) -> None:
    (folder / "_x.j2").write_bytes("Größe".encode("latin-1"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (link_out, "is a link that leads out of"),
        (fifo, "is no regular file"),
        (huge, "is larger than 64 KiB"),
        (latin, "byte 0xf6 is not UTF-8 text"),
    ],
)
def test_a_file_that_is_no_template_is_refused(
    make: Callable[[Path], None], message: str, tmp_path: Path
) -> None:
    folder = templates(tmp_path / "own", {SERVICE: OURS})
    make(folder)

    assert message in refused(folder, {})[0].message


def test_a_folder_without_a_template_is_no_folder_of_templates(tmp_path: Path) -> None:
    (told,) = refused(tmp_path, {"README.md": "hello"})

    assert told.id == "no-template"


def test_a_folder_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot read '.*nowhere': No such file"):
        kubelb_gen.render(fleet(service()), templates=tmp_path / "nowhere")


def test_the_command_refuses_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = templates(tmp_path / "own", {SERVICE: f"{HEADER}{{{{ x }}}}"})
    spec = tmp_path / "spec.yaml"
    spec.write_text(service(), "utf-8")
    out = tmp_path / "out"
    code = run(["render", str(spec), "-o", str(out), "--templates", str(folder)])

    assert code == 3
    assert "error[template-undefined]: 'x' is undefined" in capsys.readouterr().err
    assert not out.exists()


def test_ours_are_listed_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["templates"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"{SERVICE}  ") for line in listed)
    assert all("Context: " in line for line in listed)

    assert run(["templates", SERVICE]) == 0
    root = Path(__file__).parents[3] / "templates"
    assert (root / SERVICE).read_text("utf-8") == capsys.readouterr().out

    assert run(["templates", "kubernetes/servce.yaml.j2"]) == 2
    assert f"did you mean '{SERVICE}'?" in capsys.readouterr().err
