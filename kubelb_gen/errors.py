"""Everything that kubelb-gen raises on purpose, and the exit code of each.

KubelbGenError           owns exit_code
  UsageError         2   the request makes no sense
  SpecError          3   the spec cannot be used; carries every diagnostic
    LoadError            it could not be read as YAML or JSON
    InvalidSpecError     it could be read, and it is not a sound spec
    TemplateError        a template of the user's own cannot be used, or failed
  RenderError        3   a template or a target grammar refused a value
  OutputError        4   the environment refused: cannot read or write
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.diagnostics import Diagnostic


class KubelbGenError(Exception):
    """The root of the tree: catch this to catch all of ours."""

    exit_code: ClassVar[int] = 70


class UsageError(KubelbGenError):
    """The request itself makes no sense."""

    exit_code = 2


class SpecError(KubelbGenError):
    """The spec cannot be used; every reason is in *diagnostics*."""

    exit_code = 3

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return "; ".join(_sentence(each) for each in self.diagnostics)


class LoadError(SpecError):
    """What was given could not be read as YAML or JSON."""


class InvalidSpecError(SpecError):
    """It could be read, and it is not a sound spec."""


class TemplateError(SpecError):
    """A template of the user's own cannot be used; it is pointed at, line by line."""


class RenderError(KubelbGenError):
    """A template, or the grammar that it writes, refused a value."""

    exit_code = 3


class OutputError(KubelbGenError):
    """The environment refused: a file cannot be read or written."""

    exit_code = 4


def _sentence(diagnostic: Diagnostic) -> str:
    where = ""
    if diagnostic.location is not None:
        place = diagnostic.location
        where = f"{place.source}:{place.line}:{place.column}: "
    elif diagnostic.at is not None:
        where = f"{diagnostic.at.source}: {diagnostic.at}: "
    return f"{where}{diagnostic.message} [{diagnostic.id}]"
