"""The commands as a whole: help, names, colours, and the small ones."""

from __future__ import annotations

import gc
import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import pytest

import kubelb_gen
from kubelb_gen.__main__ import main
from kubelb_gen.cli import render
from kubelb_gen.cli.boundary import run
from kubelb_gen.cli.commands import program
from tests.support.command_line import shell

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command_line import Done

    Cli = Callable[..., Done]

COMMANDS = program.list_commands(program.make_context("kubelb-gen", ["schema"]))
COLORED = "\x1b["


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_is_a_result(name: str, flag: str, cli: Cli) -> None:
    done = cli(name, flag)

    assert (0, "") == (done.code, done.err)
    assert done.out.startswith(f"Usage: kubelb-gen {name} ")


def test_the_help_lists_every_command_and_exit_code(cli: Cli) -> None:
    done = cli("--help")
    words = done.out.split()

    assert 0 == done.code
    assert set(COMMANDS) <= set(words)
    assert {"0", "1", "2", "3", "4", "70", "130"} <= set(words)


def test_no_command_is_a_usage_error_with_the_help(cli: Cli) -> None:
    done = cli()

    assert (2, "") == (done.code, done.out)
    assert done.err.startswith("Usage: kubelb-gen ")


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_the_version_is_the_packages(flag: str, cli: Cli) -> None:
    done = cli(flag)

    assert (0, f"kubelb-gen {kubelb_gen.__version__}\n") == (done.code, done.out)


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["rendr"], "there is no command 'rendr': did you mean 'render'?"),
        (["valdate"], "there is no command 'valdate': did you mean 'validate'?"),
        (["zzz"], "there is no command 'zzz'; one of: render, validate,"),
        (["validate", "--stric"], "no such option '--stric'"),
        (["completion"], "missing argument 'SHELL'"),
        (["completion", "tcsh"], "'tcsh' is not one of 'bash', 'zsh', 'fish'"),
        (["schema", "extra"], "unexpected extra argument (extra)"),
        (["--color", "sometimes", "schema"], "'sometimes' is not one of"),
    ],
)
def test_a_mistyped_word_is_answered(
    arguments: list[str], answer: str, cli: Cli
) -> None:
    done = cli(*arguments)

    assert (2, "") == (done.code, done.out)
    first, second = done.err.splitlines()
    assert first.startswith("error: ")
    assert answer in first
    assert second.startswith("try 'kubelb-gen")
    assert second.endswith("--help'")


@pytest.mark.parametrize("where", ["before", "behind"])
@pytest.mark.parametrize(("mode", "wanted"), [("always", True), ("never", False)])
def test_color_is_asked_for_before_and_behind_the_command(
    where: str, mode: str, wanted: bool, cli: Cli, unmet: Path
) -> None:
    flag = ["--color", mode]
    before, behind = (flag, []) if where == "before" else ([], flag)

    validated = cli(*before, "validate", *behind, unmet)
    rendered = cli(*before, "render", "--all", *behind, unmet)
    assert wanted == (COLORED in validated.out)
    assert wanted == (COLORED in rendered.err)


def test_a_color_is_forgotten_by_the_next_command(cli: Cli, unmet: Path) -> None:
    cli("--color", "always", "validate", unmet)

    assert COLORED not in cli("validate", unmet).out


def test_asking_for_color_beats_no_color(
    cli: Cli, unmet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert COLORED in cli("--color", "always", "validate", unmet).out
    assert COLORED not in cli("--color", "auto", "validate", unmet).out


def test_a_bug_is_told_with_lines_to_paste(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_specs: object) -> None:
        raise ZeroDivisionError("seven")

    monkeypatch.setattr(render, "read_texts", fail)
    done = cli("render", spec)

    assert (70, "") == (done.code, done.out)
    assert "this is a bug in kubelb-gen" in done.err
    assert f"kubelb-gen {kubelb_gen.__version__}, Python 3." in done.err
    assert "ZeroDivisionError: seven" in done.err
    assert "test_commands.py" in done.err
    assert "/" not in done.err.split("seven")[1]


def test_an_interrupt_is_told_by_its_own_code(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_specs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(render, "read_texts", interrupt)
    done = cli("render", spec)

    assert (130, "") == (done.code, done.out)
    assert "interrupted" in done.err


def test_an_interrupt_while_we_start_is_told_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Impatient:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "kubelb_gen.cli.boundary":
                raise KeyboardInterrupt

    monkeypatch.setattr(gc, "disable", lambda: None)
    monkeypatch.delitem(sys.modules, "kubelb_gen.cli.boundary")
    monkeypatch.setattr(sys, "meta_path", [Impatient()])

    assert 130 == main()
    assert "interrupted" in capsys.readouterr().err


def test_the_schema_is_printed_as_it_is(cli: Cli, repository: Path) -> None:
    done = cli("schema")
    text = (repository / "schemas" / "spec-v1alpha1.json").read_text("utf-8")
    jsonschema.Draft202012Validator.check_schema(json.loads(done.out))

    assert (0, text, "") == (done.code, done.out, done.err)


def test_a_first_spec_is_printed_and_is_sound(cli: Cli, tmp_path: Path) -> None:
    printed = cli("init")
    (tmp_path / "spec.yaml").write_text(printed.out, encoding="utf-8")

    assert printed == cli("init", "-")
    assert 0 == cli("validate", "--strict", tmp_path / "spec.yaml").code
    assert 0 == cli("render", tmp_path / "spec.yaml", "-o", tmp_path / "out").code


def test_a_first_spec_is_written_once_and_never_over_a_file(
    cli: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "spec.yaml"
    first = cli("init", path)
    assert (0, "") == (first.code, first.out)
    assert str(path) in first.err
    assert cli("init").out == path.read_text("utf-8")

    path.write_text("mine\n", encoding="utf-8")
    again = cli("init", path)
    assert (4, "") == (again.code, again.out)
    assert "is there already" in again.err
    assert "mine\n" == path.read_text("utf-8")
    assert 4 == cli("init", tmp_path).code
    assert 4 == cli("init", tmp_path / "no" / "folder.yaml").code


def test_nothing_is_left_of_a_first_spec_that_could_not_be_written(
    cli: Cli, tmp_path: Path
) -> None:
    # A link that points nowhere is a name that is taken.
    link = tmp_path / "spec.yaml"
    link.symlink_to(tmp_path / "elsewhere.yaml")

    assert 4 == cli("init", link).code
    assert not (tmp_path / "elsewhere.yaml").exists()


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(name: str, cli: Cli) -> None:
    done = cli("completion", name)

    assert 0 == done.code
    assert "_KUBELB_GEN_COMPLETE" in done.out


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("kubelb-gen re", {"render"}),
        ("kubelb-gen render --che", {"--check"}),
        ("kubelb-gen validate --format j", {"json", "junit"}),
    ],
)
def test_a_real_bash_completes(words: str, offered: set[str], tmp_path: Path) -> None:
    done = shell(
        'eval "$(kubelb-gen completion bash)"\n'
        "complete -p kubelb-gen\n"
        f"COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
        "_kubelb_gen_completion kubelb-gen\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n',
        tmp_path,
    )

    assert 0 == done.code, done.err
    declared, *replies = done.out.splitlines()
    assert "_kubelb_gen_completion" in declared
    assert offered == set(replies)


def test_help_imports_nothing_that_costs() -> None:
    code = (
        "import sys\nfrom kubelb_gen.cli.boundary import run\n"
        "run(['--help'])\nprint(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    imported = done.stdout.splitlines()[-1].split()
    costly = {"ruamel.yaml", "jsonschema", "jinja2", "deepdiff", "kubelb_gen.model"}

    assert set() == costly.intersection(imported)


def test_a_run_never_raises(capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == run(["\x00", "\udcff"])
    assert "error: there is no command" in capsys.readouterr().err
