"""Text that may only be so long: whole parts are left out, and counted."""

from collections.abc import Iterable

from kubelb_gen.report.counting import counted
from kubelb_gen.report.markdown import code, html


class Page:
    """Markdown of at most *limit* characters; what comes first has the first right."""

    def __init__(self, limit: int) -> None:
        self._left = limit - _LAST_WORDS
        self._parts: list[str] = []
        self._cut: dict[str, int] = {}

    def add(self, text: str) -> bool:
        """Add *text* where it fits; tells whether it did."""
        if len(text) > self._left:
            return False
        self._parts.append(text)
        self._left -= len(text)
        return True

    def rows(self, head: str, rows: Iterable[str], limit: int) -> None:
        """Add a table, of *limit* characters at most."""
        floor = self._left - limit
        self.add(f"\n{head}")
        for each in rows:
            if self._left - len(each) < floor or not self.add(each):
                self._leave_out("row")

    def fold(self, title: str, units: Iterable[str], *, what: str = "part") -> None:
        """Add what is folded under *title*: as many *units* as fit, or nothing."""
        before = f"\n<details><summary>{html(title)}</summary>\n\n"
        after = "\n</details>\n"
        room = self._left - len(before) - len(after)
        kept = []
        for each in units:
            if len(each) <= room:
                kept.append(each)
                room -= len(each)
            else:
                self._leave_out(what)
        if kept:
            self._parts += [before, *kept, after]
            self._left = room

    def text(self, command: str) -> str:
        """Return all of it; *command* prints what was left out."""
        parts = list(self._parts)
        if self._cut:
            cut = " and ".join(
                counted(n, f"more {what}") for what, n in self._cut.items()
            )
            parts.append(f"\nLeft out here: {cut}. All of it: {code(command)}\n")
        return "".join(parts)

    def _leave_out(self, what: str) -> None:
        self._cut[what] = self._cut.get(what, 0) + 1


# Room for what says that something was left out.
_LAST_WORDS = 1000
