"""YAML as an item of a list, for items whose lines cannot be copied."""


def listed(text: str, head: str = "") -> str:
    r"""Return the YAML *text* as an item of a list, with *head* above it.

    >>> listed("a: 1\nb: 2\n", "# one\n")
    '# one\n- a: 1\n  b: 2\n'
    """
    first, *rest = text.removesuffix("\n").split("\n")
    lines = [f"- {first}", *(f"  {line}" if line else "" for line in rest)]
    return head + "".join(f"{line}\n" for line in lines)


def indented(text: str) -> str:
    """Return *text* two columns to the right."""
    lines = text.removesuffix("\n").split("\n")
    return "".join(f"  {line}\n" if line else "\n" for line in lines)
