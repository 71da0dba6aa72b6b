"""Short hands for the three ways in which a wish is not met."""

from kubelb_gen.plan.facts import Outcome, Unmet


def lost(cause: str, *designs: str) -> Unmet:
    """Say that the backend sees somebody else."""
    return Unmet(outcome=Outcome.LOST, cause=cause, designs=designs)


def breaks(cause: str, *designs: str) -> Unmet:
    """Say that connections fail."""
    return Unmet(outcome=Outcome.BROKEN, cause=cause, designs=designs)


def forgeable(cause: str, *designs: str) -> Unmet:
    """Say that a client can make the backend believe a lie."""
    return Unmet(outcome=Outcome.FORGEABLE, cause=cause, designs=designs)
