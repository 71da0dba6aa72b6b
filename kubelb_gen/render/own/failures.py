"""What went wrong in a template of the user's own, and on which line of it."""

from __future__ import annotations

import re
import traceback
from typing import TYPE_CHECKING

import jinja2
import jinja2.exceptions

from kubelb_gen.diagnostics import Diagnostic, Location, Severity
from kubelb_gen.errors import RenderError
from kubelb_gen.render.own.budget import TooMuchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_QUOTED = re.compile(r"'([\w.-]+)'")
_NAME = re.compile(r"\w+")
_LONGEST_MESSAGE = 300
TOO_MUCH = "template-too-much"
# The first that fits; a security error is an undefined one to Jinja.
_KINDS: tuple[tuple[type[Exception], str, str], ...] = (
    (TooMuchError, TOO_MUCH, "{}"),
    (RecursionError, TOO_MUCH, "it calls or includes itself too deep"),
    (MemoryError, TOO_MUCH, "it needs more memory than there is"),
    (OverflowError, TOO_MUCH, "{}"),
    (RenderError, "template-value", "{}"),
    (jinja2.exceptions.SecurityError, "template-forbidden", "out of reach: {}"),
    (jinja2.UndefinedError, "template-undefined", "{}"),
    (jinja2.TemplateNotFound, "template-missing", "there is no template '{}'"),
    (jinja2.TemplateSyntaxError, "template-syntax", "not a template: {}"),
)


def failure(
    error: Exception,
    files: Mapping[str, str],
    given: Iterable[str] = (),
    compiled: str | None = None,
) -> Diagnostic:
    """Return *error* as a finding about the template that raised it.

    *files* are the texts of the templates by the file names that Jinja knows; *given*
    names what the template could have used; *compiled* is the file that was not run
    yet, where that is when it failed.
    """
    name, message = _told(error)
    file, line = _where(error, files)
    if file is None and compiled is not None:
        file, line = compiled, 1
    hint = None
    if name == "template-undefined" and message.endswith("is undefined"):
        hint = f"given here: {', '.join(sorted(given))}"
    return Diagnostic(
        id=name,
        severity=Severity.ERROR,
        message=message if file else f"a template of ours: {message}",
        hint=hint,
        location=location(file, files[file], line, message) if file else None,
    )


def location(file: str, text: str, line: int, message: str = "") -> Location:
    """Return the place in *line* of *text* that *message* quotes, else all of it."""
    lines = text.split("\n")
    number = min(max(line, 1), len(lines))
    shown = lines[number - 1].rstrip("\r")
    start = len(shown) - len(shown.lstrip())
    width = len(shown.strip())
    for quoted in _QUOTED.findall(message):
        for word in (quoted, *_NAME.findall(quoted)[-1:]):
            found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", shown)
            if found:
                start, width = found.start(), len(word)
                break
    return Location(
        source=file, line=number, column=start + 1, width=max(width, 1), text=shown
    )


def _told(error: Exception) -> tuple[str, str]:
    """Return the id and the message of *error*."""
    said = " ".join(str(error).split())[:_LONGEST_MESSAGE].rstrip(".")
    for kind, name, message in _KINDS:
        if isinstance(error, kind):
            return name, message.format(said)
    return "template-failed", f"{type(error).__name__}: {said}"


def _where(error: Exception, files: Mapping[str, str]) -> tuple[str | None, int]:
    if isinstance(error, jinja2.TemplateSyntaxError) and error.filename in files:
        return error.filename, error.lineno
    frames = [
        (each.f_code.co_filename, line)
        for each, line in traceback.walk_tb(error.__traceback__)
    ]
    return next((each for each in reversed(frames) if each[0] in files), (None, 0))
