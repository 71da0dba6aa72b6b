"""What a git repository holds at a revision, read from its objects alone.

No checkout is touched and no name of a file or a revision reaches a command line: one
`git cat-file --batch` answers on its standard input.  It runs no hook and no filter,
and may not fetch what a partial clone lacks.
"""

from kubelb_gen.gitsource.objects import Repository, open_repository
from kubelb_gen.gitsource.snapshot import Snapshot, snapshot

__all__ = ["Repository", "Snapshot", "open_repository", "snapshot"]
