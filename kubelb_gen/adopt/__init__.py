"""A spec from what runs.

Everything that objects and configurations tell is taken over; what they cannot tell
becomes `unknown`, with a comment.  Settings are pinned only where the plan would decide
otherwise, so that what is adopted stays a spec and is no copy.
"""

from kubelb_gen.adopt.adopted import Adopted, Given, Told
from kubelb_gen.adopt.adopting import adopt

__all__ = ["Adopted", "Given", "Told", "adopt"]
