"""The columnar proof: most rows are shown to be valid column by column, without becoming Python objects."""

from schemas.columnar.proof import Proof, Proven

__all__ = ["Proof", "Proven"]
