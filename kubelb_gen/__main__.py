"""`python -m kubelb_gen` is `kubelb-gen`."""

import gc
import sys


def main() -> int:
    """Run the command line and return its exit code."""
    # A run builds its values once and ends.  Looking through them for garbage, which
    # they are not, takes a tenth of the time of a large fleet.
    gc.disable()
    # Imported here, so that a failing import is a bug report and no traceback.
    from kubelb_gen.cli.boundary import run  # noqa: PLC0415

    return run(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())
