"""The objects of a repository, through one `git cat-file --batch`.

Manual: git-cat-file(1), "BATCH OUTPUT"; the format of trees is that of
`git cat-file tree`.  Checked against git 2.39.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kubelb_gen.errors import OutputError

# Far above any spec; it keeps a blob from filling the memory.
_MOST_BYTES = 256 * 1024 * 1024
_FOUND = 3
# A partial clone would fetch what it lacks, and an index would be refreshed.
_ALONE = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
# What points git at the repository of whoever called us, as in a hook.
_POINTERS = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_WORK_TREE",
    }
)


@dataclass(frozen=True, slots=True)
class Item:
    """One name in a tree: a file, a folder, a symlink or a submodule."""

    mode: str
    oid: str

    @property
    def is_folder(self) -> bool:
        """Whether it is a tree."""
        return self.mode == "40000"

    @property
    def is_link(self) -> bool:
        """Whether it is a symlink: its text is where it leads."""
        return self.mode == "120000"

    @property
    def is_submodule(self) -> bool:
        """Whether another repository holds it."""
        return self.mode == "160000"


class Repository:
    """An open repository; *prefix* is where its caller stands in it, as `a/b/`.

    *top* is the way from there to its top folder, as `../../`.
    """

    def __init__(
        self,
        place: tuple[str, str],
        process: subprocess.Popen[bytes],
        talk: IO[bytes],
    ) -> None:
        self.prefix, self.top = place
        self._process = process
        self._talk = talk
        self._trees: dict[str, dict[str, Item]] = {}

    def find(self, expression: str) -> tuple[str, str] | None:
        """Return the object id and the type of *expression*, None where it has none."""
        answer = self._ask(expression)
        if answer is None:
            return None
        oid, kind, _ = answer
        return oid, kind

    def blob(self, oid: str) -> bytes:
        """Return the bytes of the file *oid*."""
        return self._object(oid)

    def tree(self, oid: str) -> dict[str, Item]:
        """Return what the tree *oid* holds, by name."""
        if oid not in self._trees:
            self._trees[oid] = dict(_items(self._object(oid), len(oid) // 2))
        return self._trees[oid]

    def _object(self, oid: str) -> bytes:
        answer = self._ask(oid)
        if answer is None:
            message = (
                f"git has no object {oid}: what a partial clone lacks is not fetched"
            )
            raise OutputError(message)
        return answer[2]

    def _ask(self, expression: str) -> tuple[str, str, bytes] | None:
        stdin, stdout = self._streams()
        try:
            stdin.write(os.fsencode(expression) + b"\n")
            stdin.flush()
            head = stdout.readline().split()
            # Else it says what it lacks, in the words of the question.
            if head and (len(head) != _FOUND or not head[2].isdigit()):
                return None
            if not head:
                raise OutputError(self._last_words())
            size = int(head[2])
            if size > _MOST_BYTES:
                message = f"an object of git is larger than {_MOST_BYTES >> 20} MiB"
                raise OutputError(message)
            data = stdout.read(size)
            stdout.read(1)
        except OSError as error:
            raise OutputError(f"git cannot be asked: {error.strerror}") from error
        return head[0].decode(), head[1].decode(), data

    def _last_words(self) -> str:
        self._process.wait()
        self._talk.seek(0)
        told = self._talk.read().decode("utf-8", "replace").splitlines()
        reason = next((each for each in told if each.startswith("fatal:")), "no reason")
        return (
            f"git ended before it answered ({reason.removeprefix('fatal: ')}); what a "
            "partial clone lacks is not fetched"
        )

    def _streams(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process.stdin is None or self._process.stdout is None:
            message = "git has no streams"
            raise OutputError(message)
        return self._process.stdin, self._process.stdout


@contextmanager
def open_repository(folder: str) -> Iterator[Repository]:
    """Open the repository that *folder* stands in.

    Raises `OutputError` where git is not installed, or refuses.
    """
    program = shutil.which("git")
    if program is None:
        message = "git is not installed: a side git:REF needs it"
        raise OutputError(message)
    environment = _environment(folder)
    place = _place(program, folder, environment)
    with (
        tempfile.TemporaryFile() as talk,
        subprocess.Popen(  # noqa: S603  a program of the PATH, no word of a user's
            [program, "cat-file", "--batch"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=talk,
        ) as process,
    ):
        try:
            yield Repository(place, process, talk)
        finally:
            process.kill()


def _place(
    program: str, folder: str, environment: Mapping[str, str]
) -> tuple[str, str]:
    done = subprocess.run(  # noqa: S603  the same
        [program, "rev-parse", "--show-prefix", "--show-cdup"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = told[0].removeprefix("fatal: ") if told else "git refused"
        raise OutputError(f"cannot read a revision in '{folder}': {reason}")
    # A folder's name may hold a line break; the way up is dots and slashes.
    prefix, _, top = os.fsdecode(done.stdout).removesuffix("\n").rpartition("\n")
    return prefix, top


def _environment(folder: str) -> dict[str, str]:
    kept = dict(os.environ)
    if not Path(folder).samefile("."):
        kept = {name: value for name, value in kept.items() if name not in _POINTERS}
    return kept | _ALONE


def _items(data: bytes, width: int) -> Iterator[tuple[str, Item]]:
    start = 0
    while start < len(data):
        space = data.index(b" ", start)
        end = data.index(b"\0", space)
        oid = data[end + 1 : end + 1 + width].hex()
        yield os.fsdecode(data[space + 1 : end]), Item(data[start:space].decode(), oid)
        start = end + 1 + width
