"""Why open rows were given up: kept as a code with its facts, told to each reader in their language."""

from hub.intake.models import Batch, GivenUp

_SENTENCES = {
    GivenUp.EXPIRED: ("Masa simpan karantina habis.", "The time of the quarantine was over."),
    GivenUp.SUPERSEDED: (
        "Digantikan oleh kiriman {batch}, yang mengganti semua baris.",
        "Superseded by batch {batch}, which replaced all rows.",
    ),
}


def why(batch: Batch, language: str) -> str:
    """The sentence of a rule, else the words of whoever gave the rows up; "" when nobody did."""
    told = _SENTENCES.get(GivenUp(batch.given_up_code)) if batch.given_up_code else None
    if told is None:
        return batch.given_up_why
    return told[language == "en"].format(**(batch.given_up_facts or {}))
