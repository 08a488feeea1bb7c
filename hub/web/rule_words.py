"""How rule books are said: parties, conditions and the names of values."""

from collections.abc import Mapping
from typing import Any

from hub.web.translation import N_

PARTIES = {
    "pemohon": N_("pemohon"),
    "pemohon.head": N_("kepala instansi pemohon"),
    "produsen": N_("produsen"),
    "produsen.head": N_("kepala produsen"),
    "produsen.steward": N_("steward produsen"),
    "walidata": N_("walidata"),
    "clock": N_("jam"),
    "hub": N_("hub"),
}
"""As books name them; mandates have their titles in a book of their own."""
CALENDARS = {
    "pemohon": N_("hari kerja pemohon"),
    "produsen": N_("hari kerja produsen"),
    "": N_("hari kerja kabupaten"),
}
CONDITIONS = {
    ("personal", True): N_("data pribadi"),
    ("personal", False): N_("bukan data pribadi"),
    ("silence_is_yes", True): N_("diam berarti setuju bagi kelas ini"),
    ("silence_is_yes", False): N_("diam tidak berarti setuju bagi kelas ini"),
    ("at_once", True): N_("kelasnya dibuka seketika"),
    ("emergency", True): N_("permintaan darurat"),
    ("own", True): N_("perkara walidata sendiri"),
    ("objection", True): N_("ada penelaah yang keberatan"),
    ("objection", False): N_("tidak ada penelaah yang keberatan"),
    ("other_objection", True): N_("ada keberatan lain"),
    ("other_objection", False): N_("tidak ada keberatan lain"),
    ("remark", True): N_("ada syarat"),
    ("remark", False): N_("tanpa syarat"),
    ("protector_silent", True): N_("pejabat pelindungan data pribadi diam"),
    ("protector_silent", False): N_("pejabat pelindungan data pribadi berpendapat"),
    ("protector_agrees", True): N_("pejabat pelindungan data pribadi setuju"),
}
"""By the name of the fact and its value; what is not here is said as the book says it."""
NAMES = {
    "days": N_("hari kerja"),
    "weight": N_("bobot"),
    "min_cases": N_("kasus paling sedikit"),
    "formula": N_("rumus"),
    "law": N_("dasar hukum"),
    "source": N_("dasar"),
    "proposal": N_("masih usulan"),
    "grounds": N_("alasan"),
    "classes": N_("kelas"),
    "questions": N_("pertanyaan"),
    "options": N_("pilihan"),
    "mandates": N_("mandat"),
    "components": N_("komponen"),
    "bands": N_("predikat"),
    "meaning": N_("arti"),
    "note": N_("catatan"),
    "notices": N_("pemberitahuan"),
    "terms": N_("tenggat"),
    "longest_days": N_("masa akses terpanjang (hari)"),
    "fallback": N_("selama belum ditunjuk"),
    "hint": N_("petunjuk"),
    "needs": N_("wajib disertakan"),
    "gives": N_("yang diperoleh pemohon"),
    "also": N_("yang harus dilakukan"),
    "at_once": N_("dibuka seketika"),
    "silence_is_yes": N_("diam berarti setuju"),
    "two_persons": N_("perlu dua orang"),
    "assessment": N_("penilaian dampak"),
    "notice_hour": N_("jam pemberitahuan"),
    "title": N_("judul"),
    "text": N_("teks"),
    "state": N_("keadaan"),
    "at_most": N_("paling banyak"),
    "calendar": N_("kalender"),
}
"""Names of values that people have words for; others are shown as the book has them."""


def condition(when: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each condition as a text to be translated and one to be shown as it is; one of them is empty."""
    said = []
    for name, values in when.items():
        for value in values:
            known = CONDITIONS.get((name, value)) if isinstance(value, bool) else None
            said.append((known or "", "" if known else f"{name}: {value}"))
    return said
