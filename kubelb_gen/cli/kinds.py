"""Kinds of documents as they are given on a command line: in full, or in short."""

from kubelb_gen.cli.wording import unknown
from kubelb_gen.errors import UsageError
from kubelb_gen.schema.kinds import FACTS, MANAGEMENT, OVERLAY, SPEC, TENANT

SHORT = {
    "spec": SPEC,
    "management": MANAGEMENT,
    "tenant": TENANT,
    "facts": FACTS,
    "overlay": OVERLAY,
}


def kind_called(name: str, known: tuple[str, ...] = tuple(SHORT)) -> str:
    """Return the short name of a kind, among *known*, whichever way it is given.

    Raises `UsageError` where there is none.

    >>> kind_called("TenantSpec"), kind_called("overlay")
    ('tenant', 'overlay')
    """
    for short in known:
        if name.lower() in (short, SHORT[short].lower()):
            return short
    raise UsageError(unknown("kind", name, known))
