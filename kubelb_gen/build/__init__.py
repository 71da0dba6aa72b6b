"""Documents into a fleet: merged, with defaults applied and addresses parsed.

The schema is trusted; what it cannot say is checked here, and told with a place.
"""

from kubelb_gen.build.fleet import build

__all__ = ["build"]
