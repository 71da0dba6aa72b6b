"""What looks like a credential is not copied into a spec, which goes into git."""

from __future__ import annotations

import re

_KEYS = re.compile(
    r"passw(or)?d|secret|token|credential|api[-_.]?key|private[-_.]?key|access[-_.]?key",
    re.IGNORECASE,
)
_VALUES = re.compile(
    r"-----BEGIN |\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|\beyJ[\w-]{10,}\.|"
    r"://[^/\s:@]+:[^/\s@]+@"
)


def looks_secret(key: str, value: str) -> bool:
    """Tell whether the annotation *key*, or its *value*, seems to be a credential.

    >>> looks_secret("example.com/api-token", "x"), looks_secret("a/b", "v2")
    (True, False)
    """
    return bool(_KEYS.search(key) or _VALUES.search(value))
