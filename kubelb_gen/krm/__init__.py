"""The KRM function: a ResourceList in, the same with our objects out.

Specification: cmd/config/docs/api-conventions/functions-spec.md of
kubernetes-sigs/kustomize, version v1.
"""

from kubelb_gen.krm.function import Answer, answer
from kubelb_gen.krm.generator import generate

__all__ = ["Answer", "answer", "generate"]
