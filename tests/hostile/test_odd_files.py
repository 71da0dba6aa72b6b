"""Files that are no files, and names that no file should have."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import kubelb_gen
from kubelb_gen.cli.boundary import run
from kubelb_gen.document import sources
from kubelb_gen.errors import OutputError
from tests.hostile.guard import watched
from tests.support.specs import service

if TYPE_CHECKING:
    from collections.abc import Callable

SPEC = service()
SECONDS = 5.0


def loop(folder: Path) -> str:
    (folder / "loop.yaml").symlink_to("loop.yaml")
    return "loop.yaml"


def nowhere(folder: Path) -> str:
    (folder / "gone.yaml").symlink_to("nowhere")
    return "gone.yaml"


def unix_socket(folder: Path) -> str:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "s.yaml"))
    return "s.yaml"


def long_name(_: Path) -> str:
    return "x" * 300 + ".yaml"


def long_path(_: Path) -> str:
    return "x/" * 3000


def no_folder(folder: Path) -> str:
    (folder / "file").write_text(SPEC)
    return "file/spec.yaml"


@pytest.mark.parametrize(
    "make", [loop, nowhere, unix_socket, long_name, long_path, no_folder]
)
def test_what_cannot_be_read_is_told(
    make: Callable[[Path], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    name = make(tmp_path)
    with watched(None, SECONDS):
        code = run(["validate", name])

    assert code == 4
    assert capsys.readouterr().err.startswith("error: cannot read '")


def test_a_device_that_never_ends_is_left_at_the_limit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sources, "_MOST_BYTES", 1 << 20)
    with watched(None, SECONDS):
        code = run(["validate", "/dev/zero"])

    assert code == 4
    assert "larger than 1 MiB" in capsys.readouterr().err


def test_an_empty_device_holds_no_spec() -> None:
    assert run(["validate", "/dev/null"]) == 3


def test_a_walk_waits_for_no_pipe_and_opens_no_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec.yaml").write_text(SPEC)
    os.mkfifo(tmp_path / "pipe.yaml")
    unix_socket(tmp_path)
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    (tmp_path / "folder.yaml").mkdir()

    with watched(None, SECONDS):
        assert run(["validate", str(tmp_path), "--quiet"]) == 0


def test_a_pipe_that_is_named_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(SPEC,))
    writer.start()
    code = run(["validate", str(pipe), "--quiet"])
    writer.join()

    assert code == 0


def test_a_walk_goes_as_deep_as_names_may(tmp_path: Path) -> None:
    here = os.open(".", os.O_RDONLY)
    os.chdir(tmp_path)
    try:
        for _ in range(25):
            os.mkdir("d" * 200)  # noqa: PTH102  a path would be too long
            os.chdir("d" * 200)
    finally:
        os.fchdir(here)
        os.close(here)
    (tmp_path / "spec.yaml").write_text(SPEC)
    with watched(None, SECONDS):
        code = run(["validate", str(tmp_path), "--quiet"])

    assert code in {0, 4}


@pytest.mark.parametrize("name", ["a\0b", "\0"])
def test_no_name_holds_nul(name: str, tmp_path: Path) -> None:
    fleet = kubelb_gen.load(_written(tmp_path))
    with pytest.raises(OutputError, match="cannot read"):
        kubelb_gen.load(name)
    with pytest.raises(OutputError, match="cannot"):
        kubelb_gen.render(fleet).write(name)
    with pytest.raises(OutputError, match="cannot"):
        kubelb_gen.render(fleet, templates=name)


@pytest.mark.parametrize(
    "name", ["we\u202eb.yaml", "we\x1b[31mb.yaml", "a\nerror: b.yaml", "b\udcffd.yaml"]
)
def test_a_name_misleads_nobody(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_text(SPEC + "unknown: 1\n")
    for layout in ("text", "github", "junit"):
        assert run(["validate", str(path), "--format", layout]) == 3
        told = capsys.readouterr()

        assert not {"\u202e", "\x1b"} & set(told.out + told.err)
        assert "\nerror: b" not in told.out + told.err


@pytest.mark.parametrize("name", ["", "/dev/null", "/proc/version", "x" * 300])
def test_no_tree_is_written_where_none_can_be(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = _written(tmp_path)
    monkeypatch.chdir(tmp_path)
    with watched(str(tmp_path), SECONDS):
        code = run(["render", spec, "-o", name])

    assert code in {2, 4}
    assert [Path(spec).name] == [each.name for each in tmp_path.iterdir()]


def _written(folder: Path) -> str:
    path = folder / "spec.yaml"
    path.write_text(SPEC)
    return str(path)
