"""The metadata forms of official statistics (Peraturan BPS 5/2020), filled from what is known already."""

from schemas.statistics.filling import About, filled
from schemas.statistics.forms import FORMS, Field, Form

__all__ = ["FORMS", "About", "Field", "Form", "filled"]
