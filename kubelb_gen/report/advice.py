"""A finding as plain lines, for formats that show one text for each."""

from kubelb_gen.diagnostics import Diagnostic
from kubelb_gen.report.text import beside_caret, visible


def advice(finding: Diagnostic) -> str:
    """Return the message of *finding*, its hint and its designs, a line for each.

    Like a terminal, a web page can be misled by control characters.
    """
    lines = [finding.message]
    if beside := beside_caret(finding):
        lines.append(beside)
    if finding.hint:
        lines.append(f"hint: {finding.hint}")
    lines += [f"design: {each}" for each in finding.designs]
    return "\n".join(map(visible, lines))


def source(finding: Diagnostic) -> str | None:
    """Return the file that *finding* is about, as it was named; None where it is none.

    What came from a pipe or from data has a name in angle brackets, and no file.
    """
    if finding.location is not None:
        name = finding.location.source
    elif finding.at is not None:
        name = finding.at.source
    else:
        return None
    return None if name.startswith("<") else name
