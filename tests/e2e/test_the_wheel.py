"""What a user installs is whole: it renders every example far from the checkout."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import kubelb_gen
from tests.support import interpreters

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(
    path.name for path in (ROOT / "examples").iterdir() if (path / "rendered").is_dir()
)


@pytest.fixture(scope="module")
def wheel() -> Path:
    return interpreters.wheel()


@pytest.fixture(scope="module")
def program(wheel: Path) -> Path:
    """`kubelb-gen` of an environment that has the wheel and nothing of ours else."""
    return interpreters.installed(Path(sys.executable), wheel)


def _run(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=interpreters.clean(),
        capture_output=True,
        text=True,
        check=False,
    )


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_wheel_renders_an_example_from_another_folder(
    name: str, program: Path, examples: Path, tmp_path: Path
) -> None:
    several = examples / name / "specs"
    spec = several if several.is_dir() else examples / name / "spec.yaml"
    done = _run(tmp_path, program, "render", spec, "-o", "out")

    assert 0 == done.returncode, done.stderr
    assert _files(examples / name / "rendered") == _files(tmp_path / "out")


def test_the_library_is_the_wheels_own(program: Path, tmp_path: Path) -> None:
    question = (
        "import json, kubelb_gen, kubelb_gen.assets as assets\n"
        "print(json.dumps([kubelb_gen.__file__, kubelb_gen.__version__,"
        " str(assets.template_root()), len(assets.schema_text('spec-v1alpha1.json'))]))"
    )
    done = _run(tmp_path, program.parent / "python", "-c", question)
    file, version, templates, length = json.loads(done.stdout)

    assert kubelb_gen.__version__ == version
    assert str(ROOT) not in file.replace(str(interpreters.CACHE), "")
    assert str(Path(file).parent / "templates") == templates
    assert len((ROOT / "schemas" / "spec-v1alpha1.json").read_text("utf-8")) == length


@pytest.mark.parametrize("command", ["schema", "init", "--version", "completion bash"])
def test_the_wheel_has_what_each_command_needs(
    command: str, program: Path, tmp_path: Path
) -> None:
    done = _run(tmp_path, program, *command.split())

    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout


def test_the_wheel_runs_templates_that_were_compiled_when_it_was_built(
    program: Path, tmp_path: Path
) -> None:
    question = (
        "import kubelb_gen.assets as assets, jinja2\n"
        "loader = jinja2.ModuleLoader(assets.compiled_templates())\n"
        "for path in sorted(assets.template_root().rglob('*.j2')):\n"
        "    name = path.relative_to(assets.template_root()).as_posix()\n"
        "    print(name, loader.load(jinja2.Environment(), name).name)\n"
    )
    done = _run(tmp_path, program.parent / "python", "-c", question)
    sources = sorted((ROOT / "templates").rglob("*.j2"))
    names = [path.relative_to(ROOT / "templates").as_posix() for path in sources]

    assert [f"{name} {name}" for name in names] == done.stdout.splitlines()


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(
    wheel: Path,
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    inside = {name for name in names if name.startswith("kubelb_gen/")}

    assert names - inside == {
        name for name in names if name.split("/")[0].endswith(".dist-info")
    }
    for folder in ("templates", "schemas"):
        shipped = {
            f"kubelb_gen/{path.relative_to(ROOT).as_posix()}"
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert shipped == {
            name for name in inside if name.startswith(f"kubelb_gen/{folder}/")
        }
    assert "kubelb_gen/py.typed" in inside
    assert "kubelb_gen/catalogue/providers.json" in inside
    assert not [name for name in names if "__pycache__" in name]


def test_a_source_archive_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(interpreters.build("sdist", ROOT, tmp_path)) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = (path for path in tmp_path.iterdir() if path.is_dir())
    again = interpreters.build("wheel", source, tmp_path / "again")

    assert _content(wheel) == _content(again)


def _content(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
