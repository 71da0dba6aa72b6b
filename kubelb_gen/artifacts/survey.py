"""What stands on the disk at given paths, and what stands beside them."""

import hashlib
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack

from kubelb_gen.artifacts.folder import Folder
from kubelb_gen.artifacts.layout import Branch, folders_above, layout
from kubelb_gen.errors import OutputError

Take = Callable[[str, bytes], None]


def read_each(sources: Sequence[Folder], paths: Iterable[str], take: Take) -> list[str]:
    """Hand to *take* each of *paths* that exists, from the first source that has it.

    Returns the problems: every symlink, every file or folder that stands where the
    other belongs, everything that cannot be read.
    """
    problems: list[str] = []
    _visit(sources, layout(paths), take, problems)
    return problems


def digests(
    sources: Sequence[Folder], paths: Iterable[str]
) -> tuple[dict[str, str], list[str]]:
    """Return the hash of each of *paths* that exists, and the problems."""
    found: dict[str, str] = {}

    def take(path: str, data: bytes) -> None:
        found[path] = sha256_of(data)

    problems = read_each(sources, paths, take)
    return found, problems


def strays(root: Folder, paths: Iterable[str]) -> Iterator[str]:
    """Yield what stands in the folders of *paths* and is none of them.

    A folder is yielded as `name/` and not looked into.
    """
    known = set(paths)
    return _strays(root, "", known, folders_above(known))


def sha256_of(data: bytes) -> str:
    """Return the hash of *data* as the lock spells it."""
    return hashlib.sha256(data).hexdigest()


def _visit(
    sources: Sequence[Folder], branch: Branch, take: Take, problems: list[str]
) -> None:
    for name, below in branch.items():
        try:
            if isinstance(below, str):
                data = _first(sources, name)
                if data is not None:
                    take(below, data)
            else:
                _descend(sources, name, below, take, problems)
        except OutputError as error:
            problems.append(str(error))


def _first(sources: Sequence[Folder], name: str) -> bytes | None:
    for source in sources:
        data = source.read(name)
        if data is not None:
            return data
    return None


def _descend(
    sources: Sequence[Folder],
    name: str,
    below: Branch,
    take: Take,
    problems: list[str],
) -> None:
    with ExitStack() as stack:
        inner = [source.enter(name) for source in sources]
        opened = [stack.enter_context(each) for each in inner if each is not None]
        if opened:
            _visit(opened, below, take, problems)


def _strays(
    folder: Folder, prefix: str, known: set[str], folders: set[str]
) -> Iterator[str]:
    for name in folder.names():
        path = prefix + name
        if path in known:
            continue
        status = folder.status(name)
        if status is None or not stat.S_ISDIR(status.st_mode):
            yield path
        elif path not in folders:
            yield f"{path}/"
        elif (child := folder.enter(name)) is not None:
            with child:
                yield from _strays(child, f"{path}/", known, folders)
