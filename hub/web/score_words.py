"""Words of the index on its pages: parts of quality, why a version was made, what to do next."""

from hub.openness import actions
from hub.openness.months import Month
from hub.openness.shapes import ActionOut
from hub.web import formats
from hub.web.page import Page
from hub.web.translation import N_

PART_WORDS = {
    "": "",
    "freshness": N_("Kemutakhiran"),
    "completeness": N_("Kelengkapan"),
    "validity": N_("Keabsahan"),
}
VERSION_WORDS = {
    "scheduled": N_("perhitungan bulanan"),
    "asked": N_("dihitung atas permintaan walidata"),
    "corrected": N_("dikoreksi atas bantahan"),
}
_SENTENCES = {
    actions.DECIDE: N_("Putuskan {what}"),
    actions.MEND: N_("Perbaiki baris yang tertolak pada {what}"),
    actions.PUBLISH: N_("Terbitkan {what}"),
    actions.DESCRIBE: N_("Lengkapi metadata {what}"),
    actions.RENEW: N_("Mutakhirkan {what}"),
    actions.ENTER: N_("Daftarkan dan terbitkan {what}"),
}


def month_name(page: Page, text: str) -> str:
    """`2026-10` as people say it."""
    return formats.month(Month.read(text).first, page.language)


def action_sentence(page: Page, action: ActionOut) -> str:
    """What to do, and before when."""
    what = action.label or page.say(N_("sebuah dataset"))
    text = page.say(_SENTENCES[action.what]).format(what=what)
    if action.due_at is None:
        return text
    day = action.due_at.astimezone(page.settings.zone).date()
    until = page.say(N_("sebelum {day}")).format(day=formats.long_day(day, page.language))
    return f"{text} {until}"
