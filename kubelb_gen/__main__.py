"""`python -m kubelb_gen` is `kubelb-gen`."""

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn


def main() -> int:
    """Run the command line and return its exit code."""
    # A run builds its values once and ends.  Looking through them for garbage, which
    # they are not, takes a tenth of the time of a large fleet.
    gc.disable()
    try:
        # Imported here, so that a failing import is a bug report and no traceback.
        from kubelb_gen.cli.boundary import run  # noqa: PLC0415
    except KeyboardInterrupt:
        # Before there is anybody else to tell of it.
        sys.stderr.write("\ninterrupted\n")
        return 130
    return run(sys.argv[1:])


def process() -> NoReturn:
    """Run the command line, and end the process with its exit code."""
    code = main()
    for stream in filter(None, (sys.stdout, sys.stderr)):
        # Who is gone by now, or was told of it, hears no more.
        with suppress(OSError, ValueError):
            stream.flush()
    # Python would take apart a hundred modules before it goes, and nothing of ours
    # waits for that.
    os._exit(code)


if __name__ == "__main__":
    process()
