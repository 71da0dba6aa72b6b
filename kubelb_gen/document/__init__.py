"""Text in, plain data with positions out: the only door to ruamel.yaml.

YAML is read as 1.2 with its core schema, so ``no`` and ``on`` are text and a date
stays text.  JSON goes the short way and gets its positions when someone asks.
"""

from kubelb_gen.document.anything import parse_any
from kubelb_gen.document.laid import Laid, Provenance
from kubelb_gen.document.loading import (
    API_GROUP,
    Document,
    ParsedSource,
    Sources,
    parse,
    plain,
)
from kubelb_gen.document.sources import Source, read_sources

__all__ = [
    "API_GROUP",
    "Document",
    "Laid",
    "ParsedSource",
    "Provenance",
    "Source",
    "Sources",
    "parse",
    "parse_any",
    "plain",
    "read_sources",
]
