"""Rules across fields (`x-aturan`): what a row must satisfy that JSON Schema cannot say.

A rule is data in the schema: a closed language of six kinds, no expressions. Publication refuses a rule that
cannot be executed; `schemas.gate.across` executes them.
"""
