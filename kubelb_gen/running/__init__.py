"""What runs: dumps of cluster objects, and configurations that we rendered once.

`adopt` makes a spec of it, `drift` compares it with one.
"""

from kubelb_gen.running.dumps import Dump, read_dumps
from kubelb_gen.running.objects import Object, objects_of

__all__ = ["Dump", "Object", "objects_of", "read_dumps"]
