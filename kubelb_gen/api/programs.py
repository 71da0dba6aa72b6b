"""Programs that find the client themselves, and code for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.api.judging import require_sound

if TYPE_CHECKING:
    from kubelb_gen.model import Fleet
    from kubelb_gen.plan.applications import Application


def applications(fleet: Fleet) -> tuple[Application, ...]:
    """Return every backend of kind `other` that finds the client in a header.

    Raises `SpecError` where a rule finds an error.
    """
    from kubelb_gen.plan.applications import applications as find

    return tuple(find(require_sound(fleet)[0]))


def snippet(framework: str, application: Application) -> str:
    """Return code for *framework* that finds the client in *application*.

    Raises `UsageError` where there is none for that framework, `RenderError` where a
    value cannot be written into a text of its language, or where no peer is known that
    may be believed.
    """
    from kubelb_gen.errors import UsageError
    from kubelb_gen.render.snippet import FRAMEWORKS
    from kubelb_gen.render.snippet import snippet as write

    if framework not in FRAMEWORKS:
        raise UsageError(f"there is no snippet for {framework!r}")
    return write(framework, application)
