"""Intake steps: one ordered list that turns untidy input into what the schema judges, executed by pure code."""

from schemas.steps.checking import check
from schemas.steps.describing import describe
from schemas.steps.pipeline import Pipeline

__all__ = ["Pipeline", "check", "describe"]
