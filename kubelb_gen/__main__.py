"""`python -m kubelb_gen` is `kubelb-gen`."""

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    # Imported here, so that a failing import is a bug report and no traceback.
    from kubelb_gen.cli.boundary import run  # noqa: PLC0415

    return run(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())
