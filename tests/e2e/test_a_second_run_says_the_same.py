"""Whatever became of the cache: the same bytes, the same words, the same exit code.

Runs of the real program over a fleet of many files, each held to one with
`--no-cache`.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kubelb_gen.cache.log import Frame, Log
from kubelb_gen.cache.shares import texts_frame, texts_of
from tests.support.command_line import COMMAND, Done, clean_environment, kubelb_gen
from tests.support.leaves import fleet, leaf, service, texts
from tests.support.trees import on_disk

if TYPE_CHECKING:
    from collections.abc import Callable

Capture = pytest.CaptureFixture[str]

pytestmark = pytest.mark.property

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
COUNT = 55
# A tree of this has five hundred files, so that it is remembered as well.
MANY = 101
EDITED = "s050.json"
NOBODY = 65534
# Prints, and so reads every text.
PRINTED = ("fleet", "--all")
# Ends at the first look at what lies below the folder that it is given.
WATCHED = """
import os, sys
hidden = sys.argv.pop(1)
events = {"open", "os.mkdir", "os.scandir", "os.listdir", "os.remove", "os.rename"}
def look(event, given):
    if event in events and hidden in str(given[0]):
        os._exit(99)
sys.addaudithook(look)
from kubelb_gen.__main__ import main
raise SystemExit(main())
"""
# Ends by a signal at the last of some calls about the cache: a write is done by half.
KILLED = """
import os, signal, sys
which, after = sys.argv[1], int(sys.argv[2])
del sys.argv[1:3]
real = getattr(os, which)
def deadly(*given, **more):
    global after
    at = str(given[0])
    if which == "write":
        at = os.readlink(f"/proc/self/fd/{given[0]}")
    if "/kubelb-gen/fleets/" not in at:
        return real(*given, **more)
    if not after:
        if which == "write":
            real(given[0], given[1][:len(given[1]) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    after -= 1
    return real(*given, **more)
setattr(os, which, deadly)
from kubelb_gen.__main__ import main
raise SystemExit(main())
"""


class Estate:
    """A folder with the specs of a fleet, and caches beside it."""

    def __init__(self, folder: Path, count: int = COUNT) -> None:
        self.folder = folder
        self.files = fleet(count)
        # Something is to be said in each run.
        warned = service("app-7", 30007, sessionAffinity="ClientIP")
        self.files["s007.json"] = leaf(warned)
        (folder / "fleet").mkdir()
        self.write()

    def write(self) -> None:
        for each in texts(self.files):
            (self.folder / "fleet" / each.name).write_text(each.text, "utf-8")

    def edit(self, number: int) -> None:
        """Give a service of one file another nodePort."""
        self.files[EDITED] = leaf(service("app-50", number))
        self.write()

    def render(self, *arguments: str, cache: Path | str, **more: str) -> Done:
        environment = {"XDG_CACHE_HOME": str(cache), **more}
        return kubelb_gen(
            "render", *arguments, folder=self.folder, environment=environment
        )

    def tree(self, name: str) -> dict[str, bytes | None]:
        return dict(on_disk(self.folder / name))


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    return Estate(tmp_path_factory.mktemp("estate"))


@pytest.fixture(scope="module")
def plain(estate: Estate) -> Done:
    """What is printed without a cache."""
    done = estate.render(*PRINTED, "--no-cache", cache=estate.folder / "none")
    assert 0 == done.code
    assert "affinity-not-followed" in done.err
    return done


@pytest.fixture(scope="module")
def filled(estate: Estate, plain: Done) -> Path:
    """A cache that knows the fleet."""
    folder = estate.folder / "filled"
    assert plain == estate.render(*PRINTED, cache=folder)
    shares, known = logs(folder)
    assert shares.stat().st_size > 0
    assert known.stat().st_size > 0
    return folder


@pytest.fixture
def cache(filled: Path, tmp_path: Path) -> Path:
    """A cache that knows the fleet, for one test alone."""
    return Path(shutil.copytree(filled, tmp_path / "cache"))


def logs(cache: Path) -> tuple[Path, Path]:
    (shares,) = cache.glob("kubelb-gen/fleets/*.shares")
    return shares, shares.with_suffix(".texts")


def everything(cache: Path) -> list[Path]:
    return [each for each in cache.rglob("*") if not each.is_dir()]


def test_a_tree_is_written_anew_edited_and_checked(tmp_path: Path) -> None:
    estate, cache = Estate(tmp_path, MANY), tmp_path / "cache"
    estate.render("fleet", "-o", "plain", "--no-cache", cache=cache)
    assert not cache.exists()
    first = estate.render("fleet", "-o", "out", cache=cache)
    again = estate.render("fleet", "-o", "out", cache=cache)
    checked = estate.render("fleet", "-o", "out", "--check", cache=cache)

    assert [0, 0, 0] == [first.code, again.code, checked.code]
    assert " 0 written, " in again.err
    assert estate.tree("plain") == estate.tree("out")
    assert ["fleets", "fleets", "trees"] == sorted(
        each.parent.name for each in everything(cache)
    )

    estate.edit(31050)
    differs = estate.render("fleet", "-o", "out", "--check", cache=cache)
    told = estate.render("fleet", "-o", "out", "--check", "--no-cache", cache=cache)
    assert 1 == differs.code
    assert told == differs
    edited = estate.render("fleet", "-o", "out", cache=cache)
    estate.render("fleet", "-o", "plain", "--no-cache", cache=cache)
    assert "affinity-not-followed" in edited.err
    assert estate.tree("plain") == estate.tree("out")


@pytest.mark.parametrize(
    "arguments",
    [
        PRINTED,
        ("fleet", "--format", "json"),
        ("fleet", "--cluster", "primray"),
        ("fleet", "--only", "service", "--cluster", "primary"),
        ("fleet",),
    ],
    ids=" ".join,
)
def test_what_is_printed_is_what_is_printed_without(
    estate: Estate, filled: Path, arguments: tuple[str, ...]
) -> None:
    known = estate.render(*arguments, cache=filled)
    anew = estate.render(*arguments, "--no-cache", cache=filled)

    assert known == anew


LOOKS = {
    "render": (["render", *PRINTED], 99),
    "--no-cache": (["render", *PRINTED, "--no-cache"], 0),
    "--check": (["render", "fleet", "-o", "absent", "--check"], 1),
    "--jobs": (["render", *PRINTED, "--jobs", "2"], 0),
    "krm": (["krm", "fleet", "--cluster", "primary"], 0),
}


@pytest.mark.parametrize("what", LOOKS)
def test_who_shall_do_without_does_not_look(
    estate: Estate, filled: Path, what: str
) -> None:
    command, code = LOOKS[what]
    done = piped(WATCHED, [str(filled), *command], estate.folder, filled)

    assert code == done.returncode, done.stderr


def piped(
    script: str, arguments: list[str], folder: Path, cache: Path
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        env=clean_environment({"XDG_CACHE_HOME": str(cache)}),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def relative(_: Path) -> str:
    return "relative"


def a_file(folder: Path) -> str:
    (folder / "file").write_text("mine")
    return str(folder / "file")


def below_a_file(folder: Path) -> str:
    return a_file(folder) + "/below"


def of_everybody(folder: Path) -> str:
    (folder / "cache" / "kubelb-gen").chmod(0o777)
    return str(folder / "cache")


def of_somebody_else(folder: Path) -> str:
    os.chown(folder / "cache" / "kubelb-gen", NOBODY, NOBODY)
    return str(folder / "cache")


def a_loop(folder: Path) -> str:
    (folder / "loop").symlink_to(folder / "loop")
    return str(folder / "loop")


def too_long(folder: Path) -> str:
    return str(folder / ("x" * 300))


PLACES = [relative, a_file, below_a_file, of_everybody, a_loop, too_long]


@pytest.mark.parametrize(
    "place", [*PLACES, pytest.param(of_somebody_else, marks=needs_root)]
)
def test_a_place_that_is_none_is_not_used(
    estate: Estate,
    plain: Done,
    cache: Path,
    place: Callable[[Path], str],
) -> None:
    given = place(cache.parent)
    before = {each: each.lstat().st_mtime_ns for each in everything(cache.parent)}
    home = cache.parent / "home"
    assert plain == estate.render(*PRINTED, cache=given, HOME=str(home))

    after = {each: each.lstat().st_mtime_ns for each in everything(cache.parent)}
    assert before == {each: after[each] for each in after if home not in each.parents}
    # XDG: what is relative is as if it were not there.
    assert (place is relative) == home.exists()
    assert not (estate.folder / "relative").exists()


@needs_root
@pytest.mark.parametrize("what", ["read-only", "full"])
@pytest.mark.parametrize("is_warm", [True, False])
def test_a_disk_that_takes_nothing_is_no_error(
    estate: Estate, plain: Done, cache: Path, what: str, is_warm: bool
) -> None:
    disk = cache.parent / "disk"
    disk.mkdir()
    mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk))
    try:
        if is_warm:
            shutil.copytree(cache, disk, dirs_exist_ok=True)
            # What has lost its texts is to be removed, and written anew.
            logs(disk)[1].unlink()
        if what == "full":
            free = os.statvfs(disk).f_bavail
            (disk / "filler").write_bytes(bytes((free - 20) * 4096))
        else:
            mount("-o", "remount,ro", str(disk))
        assert plain == estate.render(*PRINTED, cache=disk)
        out = cache.parent / "out"
        written = estate.render("fleet", "-o", str(out), cache=disk)
        assert 0 == written.code
        assert 1 == written.err.count("affinity-not-followed")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def test_two_runs_at_once_say_what_one_says(
    estate: Estate, plain: Done, tmp_path: Path
) -> None:
    for _ in range(2):
        started = [
            subprocess.Popen(
                [*COMMAND, "render", *PRINTED],
                cwd=estate.folder,
                env=clean_environment({"XDG_CACHE_HOME": str(tmp_path)}),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        for each in started:
            out, err = each.communicate(timeout=60)
            assert plain == Done(each.returncode, out, err)


@pytest.mark.parametrize(
    ("which", "after"), [("replace", 0), ("replace", 1), ("write", 0), ("write", 1)]
)
def test_a_run_that_was_killed_leaves_a_cache_that_tells_no_lie(
    estate: Estate, plain: Done, cache: Path, which: str, after: int
) -> None:
    if which == "write":
        # One more is added, to files that are there.
        forget_one(cache)
    else:
        shutil.rmtree(cache)
    call = [which, str(after), "render", *PRINTED]
    killed = piped(KILLED, call, estate.folder, cache)

    assert -signal.SIGKILL == killed.returncode
    for _ in range(2):
        assert plain == estate.render(*PRINTED, cache=cache)


def title_of(path: Path) -> str:
    first, _, _ = path.read_bytes().partition(b"\n")
    return first.decode().removeprefix("kubelb-gen cache 1 ")


def forget_one(cache: Path) -> None:
    for path in logs(cache):
        log = Log(str(path), title_of(path)).read()
        log.replace(dict(list(log.frames.items())[1:]))


def noise(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))  # noqa: S311


def holes(path: Path) -> None:
    dice = random.Random(2)  # noqa: S311
    content = bytearray(path.read_bytes())
    for _ in range(20):
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    path.write_bytes(content)


def half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def lost(path: Path) -> None:
    path.unlink()


def of_another_release(path: Path) -> None:
    log = Log(str(path), title_of(path)).read()
    Log(str(path), "of another release").replace(log.frames)


def of_another_form(path: Path) -> None:
    """Write what has the right checks, and is none of ours."""
    log = Log(str(path), title_of(path)).read()
    odd = [b"7", b"null", b"[1,2,3]", b'{"1":2}', b"\xff", b"[" * 9999]
    log.replace(
        {
            key: Frame(odd[number % len(odd)], b"x")
            for number, key in enumerate(log.frames)
        }
    )


def other_texts(path: Path) -> None:
    """Let texts say something else, with the right checks."""
    log = Log(str(path), title_of(path)).read()
    lies: dict[str, Frame] = {}
    for key, frame in log.frames.items():
        known = texts_of(frame)
        lies[key] = texts_frame([f"{each}# a lie\n" for each in known or ()])
    log.replace(lies)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: list[Any] = [
    *((damage, 0) for damage in (noise, holes, half, empty, lost, a_folder)),
    *((damage, 1) for damage in (noise, holes, half, empty, lost, a_folder)),
    *((of_another_release, 0), (of_another_release, 1)),
    *((of_another_form, 0), (of_another_form, 1), (other_texts, 1)),
]


@pytest.fixture
def run(
    estate: Estate, cache: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> Callable[..., Done]:
    """Runs in this process, which are quicker by the start of Python."""
    from kubelb_gen.cli import boundary  # noqa: PLC0415  slow to import

    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.chdir(estate.folder)

    def called(*arguments: str) -> Done:
        code = boundary.run(["render", *arguments])
        out, err = capfd.readouterr()
        return Done(code, out, err)

    return called


@pytest.mark.parametrize(
    ("damage", "which"), DAMAGES, ids=lambda each: getattr(each, "__name__", str(each))
)
def test_a_damaged_cache_costs_time_alone(
    run: Callable[..., Done],
    plain: Done,
    cache: Path,
    damage: Callable[[Path], None],
    which: int,
) -> None:
    damage(logs(cache)[which])
    out = cache.parent / "out"
    written = run("fleet", "-o", str(out))
    assert 0 == written.code
    assert 1 == written.err.count("affinity-not-followed")
    assert plain == run(*PRINTED)
    assert 0 == run("fleet", "-o", str(out), "--check", "--no-cache").code


def test_the_cache_of_another_fleet_is_none(
    run: Callable[..., Done], estate: Estate, plain: Done, cache: Path
) -> None:
    before = logs(cache)
    other = estate.folder / "other"
    if not other.exists():
        shutil.copytree(estate.folder / "fleet", other)
        known = (other / "base.json").read_text("utf-8")
        (other / "base.json").write_text(known.replace("10.0.0.0/8", "10.3.0.0/16"))
    said = run("other", "--all")
    assert 0 == said.code
    assert plain.out != said.out
    (theirs,) = {*cache.glob("kubelb-gen/fleets/*.shares")} - {*before}
    for mine, their in zip(before, (theirs, theirs.with_suffix(".texts")), strict=True):
        mine.rename("swapped")
        their.rename(mine)
        Path("swapped").rename(their)

    assert plain == run(*PRINTED)
    assert said == run("other", "--all")
