"""How a name that was mistyped on the command line is answered."""

from collections.abc import Iterable


def unknown(what: str, given: str, known: Iterable[str]) -> str:
    """Say that there is no *what* called *given*, and which one was meant.

    >>> unknown("command", "rendr", ["render", "validate"])
    "there is no command 'rendr': did you mean 'render'?"
    >>> unknown("cluster", "x", ["management"])
    "there is no cluster 'x'; one of: management"
    """
    # Imported for a mistake alone.
    from difflib import get_close_matches  # noqa: PLC0415

    names = list(known)
    close = get_close_matches(given, names, n=1)
    if close:
        return f"there is no {what} '{given}': did you mean '{close[0]}'?"
    return f"there is no {what} '{given}'; one of: {', '.join(names)}"
