"""What is installed, run and released is known beforehand."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import kubelb_gen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Git = Callable[..., str]

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
# Each tag was looked up in a copy of the action's repository (git rev-list -n1 TAG).
_ATTEST = "actions/attest-build-provenance"
VERIFIED = {
    _ATTEST: "v4.1.0 a2bbfa25375fe432b6a289bc6b6cd05ecd0c4c32",
    "actions/checkout": "v7.0.1 3d3c42e5aac5ba805825da76410c181273ba90b1",
    "actions/download-artifact": "v8.0.1 3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c",
    "actions/setup-python": "v7.0.0 5fda3b95a4ea91299a34e894583c3862153e4b97",
    "actions/upload-artifact": "v7.0.0 bbbca2ddaa5d8feaa63e36b76fdaad77386f024f",
    "docker/build-push-action": "v7.3.0 53b7df96c91f9c12dcc8a07bcb9ccacbed38856a",
    "docker/login-action": "v4.1.0 4907a6ddec9925e35a0a9e82d7399ccc52663121",
    "docker/setup-buildx-action": "v4.3.0 37fe631027851001ddb9b187196cc803df7f5f0e",
    "github/codeql-action": "v4.36.2 8aad20d150bbac5944a9f9d289da16a4b0d87c1e",
}
HOSTED = ("action.yml", ".github/workflows/ci.yml", ".github/workflows/release.yml")
_USES = re.compile(r"uses: ([\w.-]+/[\w.-]+)(?:/[\w./-]+)?@(\S+)(?: # (\S+))?")
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)


def project() -> dict[str, Any]:
    data: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return data


def wanted(lock: str) -> Iterator[Requirement]:
    """What *lock* has to pin, as pyproject.toml and the lock's own inputs say it."""
    metadata = project()["project"]
    lines = list(metadata["dependencies"])
    if lock == "test":
        extras = metadata["optional-dependencies"]
        lines += [*extras["test"], *extras["dev"]]
    if lock in {"build", "release"}:
        lines += project()["build-system"]["requires"]
    for name in {"build": ["build"], "release": ["build", "release"]}.get(lock, []):
        text = (ROOT / "requirements" / f"{name}.in").read_text("utf-8")
        lines += [line for line in text.splitlines() if not line.startswith("#")]
    return map(Requirement, lines)


@pytest.mark.parametrize("lock", ["runtime", "build", "test", "release"])
def test_a_lock_pins_what_is_asked_for(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    pinned = {
        canonicalize_name(name): version for name, version in _LOCKED.findall(text)
    }
    unmet = [
        str(each)
        for each in wanted(lock)
        if not each.specifier.contains(pinned.get(canonicalize_name(each.name), ""))
    ]

    assert [] == unmet, "run `make lock`"


@pytest.mark.parametrize("lock", ["runtime", "build", "test", "release"])
def test_everything_in_a_lock_has_a_hash(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    entries = re.split(r"\n(?=\S)", "\n".join(lines))

    assert [] == [each for each in entries if "--hash=sha256:" not in each]


def used() -> Iterator[tuple[str, str, str, str]]:
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    for path in [*(ROOT / name for name in HOSTED), *documents]:
        for action, commit, version in _USES.findall(path.read_text("utf-8")):
            yield str(path.relative_to(ROOT)), action, commit, version


def test_every_action_is_pinned_to_a_commit_that_was_looked_up() -> None:
    odd = [
        each
        for each in used()
        if VERIFIED.get(each[1]) != f"{each[3]} {each[2]}" and "OWNER" not in each[1]
    ]

    assert [] == odd
    assert VERIFIED.keys() == {action for _, action, _, _ in used()} & VERIFIED.keys()


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        ("github-actions", ["action.yml"]),
        ("github-workflows", [name for name in HOSTED if "workflows" in name]),
        ("gitlab-ci", ["deploy/gitlab/kubelb-gen.gitlab-ci.yml"]),
    ],
)
def test_a_hosts_file_has_the_hosts_shape(schema: str, names: list[str]) -> None:
    more = ["--data-transform", "gitlab-ci"] if schema == "gitlab-ci" else []
    done = subprocess.run(
        [
            BIN / "check-jsonschema",
            "--builtin-schema",
            f"vendor.{schema}",
            *more,
            *names,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == done.returncode, done.stdout


def test_zizmor_finds_nothing_unsafe() -> None:
    done = subprocess.run(
        [
            BIN / "zizmor",
            "--offline",
            "--no-progress",
            *HOSTED,
            ".pre-commit-hooks.yaml",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == done.returncode, done.stdout


def test_shellcheck_finds_nothing() -> None:
    scripts = [*ROOT.glob("deploy/**/*.sh"), *ROOT.glob("release/*.sh")]
    done = subprocess.run(
        [BIN / "shellcheck", *scripts, *ROOT.glob(".ci/*")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "") == (done.returncode, done.stdout)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, git: Git) -> Path:
    """The project as a fresh clone has it, with what is not committed yet."""
    folder = tmp_path_factory.mktemp("source")
    for name in git(ROOT, "ls-files").splitlines():
        target = folder / name
        if (ROOT / name).is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    return folder


@pytest.fixture(scope="module")
def release(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    done = subprocess.run(
        [source / "release" / "build.sh", folder],
        env={
            "PATH": f"{BIN}:/usr/bin:/bin",
            "SOURCE_DATE_EPOCH": "1700000000",
            "PYTHONPATH": str(source),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert 0 == done.returncode, done.stdout
    return folder


def test_a_release_is_built_twice_with_the_same_bytes(release: Path) -> None:
    """The script itself compares: another folder, umask, time zone and hash seed."""
    version = kubelb_gen.__version__

    assert {
        "SHA256SUMS",
        f"kubelb-gen-{version}.cdx.json",
        f"dist/kubelb_gen-{version}-py3-none-any.whl",
        f"dist/kubelb_gen-{version}.tar.gz",
    } == {
        path.relative_to(release).as_posix()
        for path in release.rglob("*")
        if path.is_file()
    }


def test_the_sums_are_those_of_the_files(release: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],  # noqa: S607
        cwd=release,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == done.returncode, done.stdout
    assert 3 == done.stdout.count(": OK")


def test_the_bill_of_materials_is_cyclonedx_and_says_who_needs_whom(
    release: Path,
) -> None:
    text = next(release.glob("*.cdx.json")).read_text("utf-8")
    bill = json.loads(text)
    names = {each["bom-ref"]: each["name"] for each in bill["components"]}
    ours = bill["metadata"]["component"]["bom-ref"]
    needs = {
        each["ref"]: {names[ref] for ref in each["dependsOn"]}
        for each in bill["dependencies"]
    }
    asked = {Requirement(each).name for each in project()["project"]["dependencies"]}
    pinned = (ROOT / "requirements" / "runtime.txt").read_text("utf-8")

    assert None is JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    assert {canonicalize_name(name) for name in asked} == needs[ours]
    assert {name for name, _ in _LOCKED.findall(pinned)} == set(names.values())
    assert {"markupsafe"} == needs[next(ref for ref in names if "/jinja2@" in ref)]


@pytest.mark.parametrize(
    ("tag", "changelog", "code"),
    [
        ("v{version}", "## {version}\n", 0),
        ("v{version}", "## Unreleased\n", 1),
        ("{version}", "## {version}\n", 1),
        ("v9.9.9", "## 9.9.9\n", 1),
    ],
)
def test_a_tag_that_is_not_the_version_is_refused(
    tag: str, changelog: str, code: int, source: Path
) -> None:
    version = kubelb_gen.__version__
    (source / "CHANGELOG.md").write_text(changelog.format(version=version), "utf-8")
    done = subprocess.run(
        [source / "release" / "tag.sh", tag.format(version=version)],
        capture_output=True,
        check=False,
    )

    assert code == done.returncode
