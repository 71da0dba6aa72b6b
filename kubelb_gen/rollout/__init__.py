"""From one fleet to another in steps, each a fleet that renders and that is traced.

Receivers before senders when PROXY comes, senders first when it goes.  Where no order
of the two is safe, a state between is made: a program that reads a header where there
is one, an adapter beside it, or a second Service.
"""

from kubelb_gen.rollout.stepping import roll_out
from kubelb_gen.rollout.values import Breaks, Rollout, Step, Wait

__all__ = ["Breaks", "Rollout", "Step", "Wait", "roll_out"]
