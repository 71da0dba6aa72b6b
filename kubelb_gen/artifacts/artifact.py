"""One generated file, and the paths that a generated file may have.

A path comes from names in a spec, from a lock or from a journal.  None of them may
lead out of the output directory or into a hidden folder (`.git`, or our own
`.kubelb-gen`), or hold what a comment line or a file system cannot.
"""

import re
from functools import cache, cached_property

from kubelb_gen.errors import RenderError
from kubelb_gen.frozen import dataclass

LOCK_NAME = "kubelb-gen.lock.json"

# Control characters, the line breaks of YAML 1.1, halves of surrogate pairs, and what
# is not seen or turns a line around.
_UNWRITABLE = (
    r"\\\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_PART = rf"[^/.{_UNWRITABLE}][^/{_UNWRITABLE}]*"
_DEPTH = 32  # bounds recursion and open descriptors against a lying lock
_PLAIN = re.compile(
    r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*){,9}"
)


@dataclass(frozen=True, slots=False, kw_only=True)
class Artifact:
    """One generated file: where it goes, what it is, who uses it, what it says.

    *path* is relative to the output directory, with slashes; *role* is `apply`,
    `expected` or `file`; *cluster* is `management` or a tenant's name.
    """

    path: str
    kind: str
    role: str
    cluster: str
    text: str

    @property
    def data(self) -> bytes:
        """The bytes on disk."""
        try:
            return self.text.encode()
        except UnicodeEncodeError as error:
            message = f"'{self.path}' cannot be written as UTF-8: {error.reason}"
            raise RenderError(message) from error

    @cached_property
    def sha256(self) -> str:
        """The hash of the bytes on disk, as the lock records it."""
        from hashlib import sha256  # noqa: PLC0415  what is printed has no hash

        return sha256(self.data).hexdigest()


def path_fault(path: str) -> str | None:
    """Say why *path* may not name a generated file; None when it may.

    >>> path_fault("tenants/../../etc/passwd")
    'a part of it begins with a dot'
    >>> path_fault("management/kustomization.yaml") is None
    True
    """
    if path.casefold() == LOCK_NAME:
        return "that is the lock's own name"
    if _PLAIN.fullmatch(path) or _any_path().fullmatch(path):
        return None
    parts = path.split("/")
    if "" in parts:
        return "it is absolute or has an empty part"
    if any(part.startswith(".") for part in parts):
        return "a part of it begins with a dot"
    if len(parts) > _DEPTH:
        return f"it is more than {_DEPTH} folders deep"
    return "it holds a backslash, a character that is not seen, or half a character"


def folded_path(path: str) -> str:
    """Return what a file system without case or composition takes *path* for.

    >>> folded_path("Tenants/A.yaml") == folded_path("tenants/a.yaml")
    True
    """
    if path.isascii():
        return path.lower()
    from unicodedata import normalize  # noqa: PLC0415  most paths are ASCII

    return normalize("NFC", path).casefold()


@cache
def _any_path() -> re.Pattern[str]:
    # So many ranges take a millisecond to compile, and most paths are plain.
    return re.compile(rf"{_PART}(?:/{_PART}){{0,{_DEPTH - 1}}}")
