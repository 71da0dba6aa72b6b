"""Which annotations switch something on a path."""

from __future__ import annotations

from kubelb_gen.catalogue.switches import is_switch
from kubelb_gen.plan.layer4 import PROXY_ANNOTATION


def decides(key: str) -> bool:
    """Tell whether an annotation switches something on a path."""
    return key == PROXY_ANNOTATION or is_switch(key)
