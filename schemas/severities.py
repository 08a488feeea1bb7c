"""Which rules of a record may be a warning instead of an error, and what each is unless the dataset says otherwise.

What the schema itself demands is never a warning: a value of another type cannot be kept.
"""

from collections.abc import Mapping
from difflib import get_close_matches

from schemas.document import SchemaDocument
from schemas.errors import Fault
from schemas.rules.language import rules_of

LEVELS = ("error", "warning")
DEFAULTS: Mapping[str, str] = {
    "kode-referensi": "error",
    "rujukan": "warning",
    "kunci-sudah-ada": "error",
    "kunci-tidak-ada": "warning",
}
"""A reference warns: what it names may be on its way, for agencies send when they can. A code off its list will
not come right by waiting."""


def severities_of(document: SchemaDocument) -> dict[str, str]:
    """Every rule of the record whose severity a dataset may set, with its default."""
    meant = {
        "kode-referensi": bool(document.codes),
        "rujukan": bool(document.references),
        "kunci-sudah-ada": bool(document.key),
        "kunci-tidak-ada": bool(document.key),
    }
    own = {rule.name: rule.severity for rule in rules_of(document.body)}
    return {name: level for name, level in DEFAULTS.items() if meant[name]} | own


def severity_faults(said: Mapping[str, str], document: SchemaDocument) -> list[Fault]:
    """What is wrong with the severities that a dataset sets."""
    known = severities_of(document)
    unknown = [_unknown(name, list(known)) for name in said if name not in known]
    return unknown + [_no_level(name) for name, level in said.items() if level not in LEVELS]


def _unknown(name: str, known: list[str]) -> Fault:
    near = get_close_matches(name, known, n=1) or known
    return Fault(
        f"/severities/{name}",
        f"Aturan {name} tidak ada pada skema ini atau selalu menolak; yang dapat diatur: "
        f"{', '.join(near) or '—'}.",
        f"The rule {name} is not one of this schema or always rejects; what can be set: "
        f"{', '.join(near) or '—'}.",
    )


def _no_level(name: str) -> Fault:
    return Fault(
        f"/severities/{name}",
        f"Aturan {name} adalah error atau warning.",
        f"The rule {name} is error or warning.",
    )
