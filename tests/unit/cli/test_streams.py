"""Real streams: pipes that end, disks that are full, terminals that wait."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.command_line import COMMAND, clean_environment, kubelb_gen, shell

FULL = Path("/dev/full")
needs_a_full_disk = pytest.mark.skipif(
    not FULL.exists(), reason="there is no /dev/full to write to"
)


def test_standard_input_is_read_when_it_is_a_pipe_and_when_asked_for(
    spec: Path,
) -> None:
    text = spec.read_bytes()
    runs = [
        kubelb_gen("render", "--all", stdin=text),
        kubelb_gen("render", "-", "--all", stdin=text),
        kubelb_gen("render", spec, "--all"),
    ]

    assert [0, 0, 0] == [each.code for each in runs]
    assert 1 == len({each.out for each in runs})


def test_a_problem_in_standard_input_has_its_line() -> None:
    done = kubelb_gen("validate", stdin=b"apiVersion: v1\nkind: List\n")

    assert 3 == done.code
    assert "--> <stdin>:1:13  at apiVersion\n" in done.out


@pytest.mark.parametrize("content", [b"", b"\n", b"# a comment\n", b"---\n"])
def test_an_empty_input_is_no_spec(content: bytes) -> None:
    done = kubelb_gen("render", "--all", stdin=content)

    assert (3, "") == (done.code, done.out)
    assert "error[no-spec]" in done.err


@pytest.mark.parametrize(
    "command",
    [
        "render spec.yaml --all",
        "render spec.yaml --format json",
        "schema",
        "init",
        "--help",
        "completion bash",
    ],
)
def test_a_reader_that_has_seen_enough_is_no_error(command: str, spec: Path) -> None:
    script = f"kubelb-gen {command} | head -c 1; echo ${{PIPESTATUS[0]}}"
    done = shell(script, spec.parent)

    assert "" == done.err
    assert "0\n" == done.out[-2:]


@pytest.mark.parametrize("command", ["render spec.yaml --all", "schema", "--help"])
def test_a_reader_that_never_came_is_no_error(command: str, spec: Path) -> None:
    # The pipe is closed before we write, so that each write fails.
    script = f"(sleep 0.5; kubelb-gen {command}; echo $? >&2) | true"
    done = shell(script, spec.parent)

    assert "0\n" == done.err


@needs_a_full_disk
@pytest.mark.parametrize(
    "command",
    [
        ("render", "spec.yaml", "--all"),
        ("render", "spec.yaml", "--format", "json"),
        ("validate", "spec.yaml", "--format", "json"),
        ("schema",),
        ("init",),
        ("--help",),
        ("--version",),
        ("completion", "bash"),
    ],
)
def test_a_full_disk_is_the_environments_fault(
    command: tuple[str, ...], spec: Path
) -> None:
    with FULL.open("wb") as full:
        done = kubelb_gen(*command, folder=spec.parent, stdout=full)

    assert 4 == done.code
    assert done.err.endswith(
        "error: cannot write the result: No space left on device\n"
    )
    assert 1 == done.err.count("error")


def test_a_closed_output_is_told(spec: Path) -> None:
    done = shell("kubelb-gen render spec.yaml --all >&-", spec.parent)

    assert (4, "") == (done.code, done.out)
    assert "error: cannot write the result: standard output is closed\n" == done.err


def test_a_folder_is_written_without_any_output(spec: Path) -> None:
    done = shell("kubelb-gen render spec.yaml -o out >&- 2>&- <&-", spec.parent)

    assert (0, "", "") == (done.code, done.out, done.err)
    assert (spec.parent / "out" / "kubelb-gen.lock.json").is_file()


@pytest.mark.parametrize("command", ["render -", "render", "validate -"])
def test_a_closed_input_is_a_usage_error(command: str, tmp_path: Path) -> None:
    done = shell(f"kubelb-gen {command} <&-", tmp_path)

    assert 2 == done.code
    assert "standard input" in done.err
    assert "Traceback" not in done.err


def test_talk_that_nobody_hears_changes_no_exit_code(unmet: Path) -> None:
    done = shell(
        "kubelb-gen render unmet.yaml 2>&-; echo $?\n"
        "kubelb-gen rendr 2>/dev/full; echo $?\n",
        unmet.parent,
    )

    assert ("3\n2\n", "") == (done.out, done.err)


def test_a_locale_does_not_change_a_byte(spec: Path) -> None:
    text = spec.read_text("utf-8").replace(
        "{app: web}", "{app: web}\n          annotations: {a: é💡}"
    )
    spec.write_text(text, encoding="utf-8")
    runs = [
        kubelb_gen(
            "render", spec, "--all", environment={"LC_ALL": locale, "PYTHONUTF8": "0"}
        )
        for locale in ("C", "POSIX", "C.UTF-8")
    ]

    assert "é💡" in runs[0].out
    assert 1 == len({each.out for each in runs})


def test_a_file_name_that_is_no_text_is_still_told(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff.yaml"
    Path(os.fsdecode(odd)).write_text("a: 1\n", encoding="utf-8")
    for arguments in (("validate",), ("validate", "--format", "json"), ("render",)):
        done = subprocess.run(
            [*COMMAND, *arguments, odd], capture_output=True, check=False
        )

        assert 3 == done.returncode
        assert b"udcff" in done.stdout + done.stderr


class _Terminal:
    """A command whose standard input and error are a terminal."""

    def __init__(
        self, *arguments: str | Path, environment: dict[str, str] | None = None
    ) -> None:
        ours, theirs = pty.openpty()
        self._ours = ours
        self._process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=clean_environment(environment),
            start_new_session=True,
        )
        os.close(theirs)

    def ended(self) -> tuple[int, str]:
        said = b""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if not select.select([self._ours], [], [], 0.1)[0]:
                continue
            try:
                chunk = os.read(self._ours, 65536)
            except OSError:  # the other side is closed
                break
            if not chunk:
                break
            said += chunk
        os.close(self._ours)
        return self._process.wait(10), said.decode()


@pytest.mark.parametrize("command", ["render", "validate"])
def test_nothing_to_read_on_a_terminal_is_a_usage_error(command: str) -> None:
    code, said = _Terminal(command).ended()

    assert 2 == code
    assert "error: name a spec: a file, a folder, or - for standard input" in said


@pytest.mark.parametrize(
    ("environment", "colored"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
    ],
)
def test_a_terminal_is_colored_unless_asked_not_to(
    environment: dict[str, str], colored: bool, unmet: Path
) -> None:
    code, said = _Terminal("validate", unmet, environment=environment).ended()

    assert 1 == code
    assert colored == ("\x1b[" in said)


def test_a_pipe_is_not_colored(unmet: Path) -> None:
    done = kubelb_gen("validate", unmet)

    assert "\x1b" not in done.out + done.err


def test_an_interrupt_ends_with_130(tmp_path: Path) -> None:
    fifo = tmp_path / "spec.yaml"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [*COMMAND, "render", fifo], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    # Its writer can open a pipe as soon as the command reads it.
    with fifo.open("wb"):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert (130, b"") == (process.returncode, out)
    assert b"interrupted" in err
    assert b"Traceback" not in err
