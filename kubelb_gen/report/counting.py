"""How many of what."""


def counted(number: int, noun: str) -> str:
    """Return *number* with its *noun*.

    >>> counted(1, "path"), counted(0, "path")
    ('1 path', '0 paths')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
