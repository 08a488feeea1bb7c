"""A schema drafted from a spreadsheet as agencies keep it, with the evidence for everything it says."""

from schemas.drafting.drafting import Draft, draft
from schemas.drafting.plan import ColumnPlan, Plan
from schemas.drafting.remarks import Remark

__all__ = ["ColumnPlan", "Draft", "Plan", "Remark", "draft"]
