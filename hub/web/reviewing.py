"""Words of reviews as people read them; Indonesian, translated where shown."""

from hub.web.translation import N_

MATCHES = {
    "istilah": N_("istilah rujukan sama"),
    "nama_dan_bentuk": N_("nama dan bentuk sama"),
    "konsep": N_("konsep statistik sama"),
    "pengenal": N_("pengenal orang sama"),
}
"""Why a column of others is shown beside one's own."""

REVIEWERS = {
    "walidata": N_("Walidata"),
    "keamanan": N_("Keamanan informasi"),
    "statistik": N_("Statistik"),
    "ppdp": N_("Pelindungan data pribadi"),
}

CHOICES = {
    "setuju": ("good", N_("Setuju")),
    "bersyarat": ("warn", N_("Setuju dengan syarat")),
    "keberatan": ("late", N_("Keberatan")),
}
SILENT = ("idle", N_("Belum berpendapat"))
NEVER_SPOKE = ("idle", N_("Tidak berpendapat"))
