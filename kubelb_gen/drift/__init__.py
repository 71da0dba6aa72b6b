"""What runs against what the spec renders, and what each difference means.

Objects are matched by name, those of KubeLB by the labels that say which Service they
are for.  What controllers and the API server add is no difference.
"""

from kubelb_gen.drift.drifting import drift
from kubelb_gen.drift.found import Difference, Drift, Shift

__all__ = ["Difference", "Drift", "Shift", "drift"]
