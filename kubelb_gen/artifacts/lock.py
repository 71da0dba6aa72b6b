"""The lock file: which files are ours, and what we wrote into them.

It stands in the output directory, one file a line for the sake of reviews, and does
not list itself.  A file whose hash is not the lock's was edited by hand.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import islice

from kubelb_gen.artifacts.artifact import LOCK_NAME, Artifact, path_fault
from kubelb_gen.artifacts.record import Records, blocks_of
from kubelb_gen.errors import OutputError
from kubelb_gen.frozen import dataclass

VERSION = 1
# Of the texts that are joined before they are made bytes.
_AT_ONCE = 256

_text = json.JSONEncoder(ensure_ascii=False).encode
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of ours."""

    path: str
    kind: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What a lock file says; *meaning* is one mapping per traced path."""

    spec: str
    files: tuple[Entry, ...]
    meaning: Sequence[Mapping[str, object]] = ()

    def hashes(self) -> dict[str, str]:
        """Return the hash of each file by its path."""
        return {entry.path: entry.sha256 for entry in self.files}

    def text(self) -> str:
        """Return the text of the lock file."""
        return self.data().decode()

    def data(self) -> bytes:
        """Return the bytes of the lock file."""
        return data_of(self.files, self.spec, self.meaning)


def lock_of(
    artifacts: Iterable[Artifact], spec: str, meaning: Iterable[Mapping[str, object]]
) -> Lock:
    """Return the lock of *artifacts*, in their order."""
    files = tuple(
        Entry(path=each.path, kind=each.kind, sha256=each.sha256) for each in artifacts
    )
    listed = meaning if isinstance(meaning, Records) else tuple(meaning)
    return Lock(spec=spec, files=files, meaning=listed)


def data_of(
    files: Iterable[Entry | Artifact],
    spec: str,
    meaning: Sequence[Mapping[str, object]],
) -> bytes:
    """Return the bytes of the lock of *files*; of a fleet's there is one copy."""
    data, pieces = BytesIO(), _pieces(files, spec, meaning)
    while some := "".join(islice(pieces, _AT_ONCE)):
        data.write(some.encode())
    return data.getvalue()


def parse_lock(data: bytes, shown: str = LOCK_NAME) -> Lock:
    """Read a lock file back; raises `OutputError` when it lies or is none."""
    try:
        return _read(json.loads(data))
    except (ValueError, RecursionError) as error:
        reason = _reason(error)
        raise OutputError(f"'{shown}' is no lock of kubelb-gen: {reason}") from error


def checked_path(value: object) -> str:
    """Return *value* when it may be a path of ours, else raise `ValueError`."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no path")  # noqa: TRY004 (data, not a call)
    fault = path_fault(value)
    if fault is not None:
        raise ValueError(f"path {value!r}: {fault}")
    return value


def checked_hash(value: object) -> str:
    """Return *value* when it is a SHA-256 in hexadecimal, else raise `ValueError`."""
    if isinstance(value, str) and _SHA256.fullmatch(value):
        return value
    raise ValueError(f"{value!r} is no SHA-256")


def _read(data: object) -> Lock:
    match data:
        case {
            "version": 1,
            "spec": str(spec),
            "files": list(files),
            "meaning": list(meaning),
        }:
            pass
        case {"version": int(version)} if version > VERSION:
            raise ValueError(f"version {version} is of a newer kubelb-gen")
        case _:
            raise ValueError("it lacks version, spec, files or meaning")
    entries = tuple(_entry(each) for each in files)
    if len({entry.path for entry in entries}) != len(entries):
        raise ValueError("it lists a path twice")
    if not all(isinstance(each, dict) for each in meaning):
        raise ValueError("an entry of meaning is no mapping")
    return Lock(spec=spec, files=entries, meaning=tuple(meaning))


def _entry(data: object) -> Entry:
    match data:
        case {"path": path, "kind": str(kind), "sha256": sha256}:
            return Entry(
                path=checked_path(path), kind=kind, sha256=checked_hash(sha256)
            )
    raise ValueError("an entry of files lacks path, kind or sha256")


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return "not JSON (a merge conflict?)"
    return str(error) if isinstance(error, ValueError) else "nested too deep"


def _pieces(
    files: Iterable[Entry | Artifact],
    spec: str,
    meaning: Sequence[Mapping[str, object]],
) -> Iterator[str]:
    yield f'{{\n  "version": {VERSION},\n  "spec": {_text(spec)},\n  "files": '
    yield from _listed(map(_line, files))
    yield ',\n  "meaning": '
    yield from _listed(blocks_of(meaning))
    yield "\n}\n"


def _line(entry: Entry | Artifact) -> str:
    # Quicker than as a mapping, and there are tens of thousands in a fleet.
    path, kind = _text(entry.path), _text(entry.kind)
    return f'{{"path": {path}, "kind": {kind}, "sha256": "{entry.sha256}"}}'


def _listed(lines: Iterable[str]) -> Iterator[str]:
    before = "["
    for line in lines:
        yield f"{before}\n    {line}"
        before = ","
    yield "[]" if before == "[" else "\n  ]"
