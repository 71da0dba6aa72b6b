"""What one run keeps for the next: of a fleet of many files, all that has not changed.

Everything is kept under digests of what it was made of, as JSON, and is checked when it
is read; a cache that is missing, damaged or of another release costs time alone.
"""

from __future__ import annotations
