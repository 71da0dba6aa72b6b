"""Versions of the programs on the path, as gates compare them."""

from __future__ import annotations

import re

from kubelb_gen.frozen import dataclass

_PATTERN = re.compile(r"v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:[-+].*)?")


@dataclass(frozen=True, slots=True)
class Version:
    """A release; `X.Y` means X.Y.0, a leading `v` and a suffix are dropped.

    >>> Version.parse("1.20") >= Version(1, 20, 0)
    True
    >>> str(Version.parse("v1.4.3"))
    '1.4.3'
    """

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read *text*; raises `ValueError` when it is not `X.Y` or `X.Y.Z`."""
        match = _PATTERN.fullmatch(text)
        if match is None:
            message = f"'{text}' is not a version"
            raise ValueError(message)
        major, minor, patch = match.groups()
        return cls(int(major), int(minor), int(patch or 0))

    def __lt__(self, other: Version) -> bool:
        return self._numbers < other._numbers

    def __le__(self, other: Version) -> bool:
        return self._numbers <= other._numbers

    def __gt__(self, other: Version) -> bool:
        return self._numbers > other._numbers

    def __ge__(self, other: Version) -> bool:
        return self._numbers >= other._numbers

    @property
    def _numbers(self) -> tuple[int, int, int]:
        return self.major, self.minor, self.patch

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"
