"""Which files of a fleet are leaves: they hold Services, and nothing that others use.

All other files are the context.  What a leaf brings depends on its own text and on the
context, and on no other leaf.
"""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelb_gen.schema.kinds import MANAGEMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kubelb_gen.cache.shares import Share
    from kubelb_gen.document import Document, ParsedSource, Source

    Parse = Callable[[Source], ParsedSource]

_KINDS = ("ClientIPSpec", "TenantSpec")
_OF_A_LEAF = {"tenants", "defaults"}
# What several files may say of one tenant.
_SHARED = {"name", "services", "defaults"}
# What is decided for the tenants of one edge together.
_COUPLED = {"gateways", "ingresses"}


class File:
    """One file of a fleet, which is parsed when its share is not known.

    *speaks* has the tenants that it names, each with whether it says more of one than
    its Services; *fit* tells whether it may be a leaf, and *silent* whether it says
    nothing at all, as what a folder of specs has of others.
    """

    def __init__(
        self, source: Source, digest: str, share: Share | None, parse: Parse
    ) -> None:
        self.source = source
        self.digest = digest
        self.share = share
        self._parse = parse
        if share is not None:
            self.speaks: Mapping[str, bool] = share.speaks
            self.fit, self.silent = True, False
        else:
            documents = self.parsed().documents
            self.silent = not (documents or self.parsed().diagnostics)
            self.speaks = dict(_speaks(documents))
            self.fit = bool(documents) and all(map(_is_fit, documents))

    def parsed(self) -> ParsedSource:
        """Return what the file holds."""
        return self._parse(self.source)


class Division(NamedTuple):
    """The files of a fleet that say something, in the order in which they were read."""

    context: Sequence[File]
    leaves: Sequence[File]

    @property
    def digest(self) -> str:
        """What changes with any text of the context."""
        return sha256(
            "".join(each.digest for each in self.context).encode()
        ).hexdigest()


def digest_of(source: Source) -> str:
    """Return what changes with what *source* says, to who named it or found it."""
    told = f"{source.explicit:d}{source.text}"
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def divide(files: Iterable[File]) -> Division:
    """Say which of *files* are leaves, and which are the context."""
    files = tuple(files)
    named = Counter(name for each in files for name in each.speaks)
    context: list[File] = []
    leaves: list[File] = []
    for each in files:
        fit = each.fit and all(
            named[name] == 1 or not says_more for name, says_more in each.speaks.items()
        )
        if not each.silent:
            (leaves if fit else context).append(each)
    return Division(context, leaves)


def _speaks(documents: Iterable[Document]) -> Iterable[tuple[str, bool]]:
    # Of documents that no schema has seen.
    says_more: dict[str, bool] = {}
    for document in documents:
        if document.data.get("kind") == MANAGEMENT:
            # It lists tenants, and states none.
            continue
        for tenant in _tenants(document):
            name = str(tenant.get("name"))
            says_more[name] = says_more.get(name, False) or not tenant.keys() <= _SHARED
    return says_more.items()


def _is_fit(document: Document) -> bool:
    data = document.data
    metadata, spec = data.get("metadata"), data.get("spec")
    return (
        data.get("kind") in _KINDS
        and isinstance(metadata, dict)
        and metadata.keys() == {"name"}
        and isinstance(spec, dict)
        and spec.keys() <= _OF_A_LEAF
        and not any(_COUPLED & tenant.keys() for tenant in _tenants(document))
    )


def _tenants(document: Document) -> Iterable[dict[str, Any]]:
    spec = document.data.get("spec")
    given = spec.get("tenants") if isinstance(spec, dict) else None
    if isinstance(given, list):
        yield from (each for each in given if isinstance(each, dict))
