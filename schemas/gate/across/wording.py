"""What a rule says to people, in Indonesian and English: the rule itself, and what a row has instead."""

from schemas.gate.sentences import Sentence
from schemas.rules.language import Composed, Ordered, Place, Rule, Total

_RELATIONS = {
    "sama_dengan": ("harus sama dengan", "must equal"),
    "paling_banyak": ("tidak boleh lebih dari", "must not be more than"),
    "paling_sedikit": ("tidak boleh kurang dari", "must not be less than"),
}
_HOW = {
    "gabungan": ("harus gabungan dari", "must be put together of"),
    "awalan": ("harus diawali", "must begin with"),
    "akhiran": ("harus diakhiri", "must end with"),
}


def told(rule: Rule) -> tuple[str, str]:
    """What the rule demands, in Indonesian and English."""
    if rule.words:
        return rule.words["id"], rule.words.get("en", rule.words["id"])
    return _must(rule)


def sentence_of(rule: Rule, place: Place, *, private: bool) -> Sentence:
    """The sentence of a rule whose fault shows at a place; a `private` one has no values, because one of the
    columns holds personal data."""
    must_id, must_en = told(rule)
    found_id, found_en = ("", "") if private else _found(rule, place)
    fix_id, fix_en = ("", "") if rule.words else ("Periksa nilai-nilainya.", "Look at the values.")
    return Sentence(
        must_id, must_en, f"{found_id}{must_id}", f"{found_en}{must_en}", fix_id, fix_en
    )


def _must(rule: Rule) -> tuple[str, str]:
    claim = rule.claim
    match claim:
        case Ordered():
            names = ", ".join(str(place) for place in claim.places)
            return (
                f"Urutannya harus {names}: yang kemudian tidak boleh lebih kecil atau lebih dulu.",
                f"The order must be {names}: a later one must not be smaller or earlier.",
            )
        case Composed():
            parts = " + ".join(str(part) for part in claim.parts)
            in_id, in_en = _HOW[claim.how]
            return f"{claim.target} {in_id} {parts}.", f"{claim.target} {in_en} {parts}."
        case Total():
            (made_id, made_en), (in_id, in_en) = _made(claim), _RELATIONS[claim.relation]
            bound = claim.bound
            about_id, about_en = (
                (f" (toleransi {claim.tolerance})", f" (tolerance {claim.tolerance})")
                if claim.tolerance
                else ("", "")
            )
            return (
                f"{made_id} {in_id} {bound}{about_id}.",
                f"{made_en} {in_en} {bound}{about_en}.",
            )


def _made(claim: Total) -> tuple[str, str]:
    """The left side in words."""
    if claim.product:
        named = (f"(1 + {t}/100)" if t.percent else str(t) for t in claim.terms)
        text = " × ".join(named)
        return text, text
    text = " + ".join(str(term) for term in claim.terms)
    if len(claim.terms) == 1 and not claim.terms[0].listed:
        return text, text
    return f"Jumlah {text}", f"The sum of {text}"


def _found(rule: Rule, place: Place) -> tuple[str, str]:
    """What the row has, before the rule itself."""
    claim = rule.claim
    match claim:
        case Total():
            (made_id, made_en), bound = _made(claim), claim.bound
            if isinstance(bound, float | int):
                return f"{made_id} adalah {{value}}. ", f"{made_en} is {{value}}. "
            return (
                f"{made_id} adalah {{value}}, sedangkan {bound} {{expected}}. ",
                f"{made_en} is {{value}}, while {bound} is {{expected}}. ",
            )
        case Composed():
            return (
                f"{claim.target} adalah {{value}}, sedangkan bagian-bagiannya “{{expected}}”. ",
                f"{claim.target} is {{value}}, while its parts are “{{expected}}”. ",
            )
        case Ordered():
            return (
                f"{place} adalah {{value}}, padahal {{expected}}. ",
                f"{place} is {{value}}, but {{expected}}. ",
            )
