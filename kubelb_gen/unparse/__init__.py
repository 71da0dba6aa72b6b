"""A fleet back as the plain data of its documents: `build`, the other way round.

What `build` reads from that data is the same fleet.  Sets, profiles and defaults have
been applied by then, so they are not there; what is the default is left out.
"""

from kubelb_gen.unparse.accepting import accepting
from kubelb_gen.unparse.amending import amend
from kubelb_gen.unparse.fleet import as_documents

__all__ = ["accepting", "amend", "as_documents"]
