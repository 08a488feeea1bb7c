"""The gate: a schema's verdict on every row of a file, with a report a steward can act on."""

from schemas.gate.inforce import InForce
from schemas.gate.judging import judge
from schemas.gate.limits import Limits
from schemas.gate.outcome import ByRule, HeaderError, Note, Verdict

__all__ = ["ByRule", "HeaderError", "InForce", "Limits", "Note", "Verdict", "judge"]
