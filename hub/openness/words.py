"""Why a case counts as it does: a word of the code and its sentence in both languages."""

WHYS: dict[str, tuple[str, str]] = {
    "published": (
        "terbit, skema sah, metadata lengkap",
        "published, schema valid, metadata complete",
    ),
    "unpublished": ("terdaftar, belum terbit", "entered, not published yet"),
    "metadata_missing": ("terbit, metadata belum lengkap", "published, metadata incomplete"),
    "not_entered": (
        "ada di daftar data, belum ada datasetnya",
        "on the list, without a dataset yet",
    ),
    "in_time": ("diputus dalam tenggat", "decided within the clock"),
    "overdue": ("tenggat lewat tanpa putusan", "the clock ran out without a decision"),
    "walidata_in_time": (
        "walidata menjawab dalam tenggat",
        "the walidata answered within its clock",
    ),
    "walidata_overdue": ("tenggat walidata lewat", "the clock of the walidata ran out"),
    "unused": (
        "diberi tetapi tidak pernah dipakai; tidak dihitung",
        "given but never used; left out",
    ),
    "approved": ("disetujui", "approved"),
    "approved_in_part": ("disetujui sebagian", "approved in part"),
    "automatic": ("terbuka otomatis karena kelasnya", "opened by itself, because of its class"),
    "deemed": ("dianggap disetujui karena tidak dijawab", "deemed approved, for nobody answered"),
    "annulled": ("penolakan dibatalkan atas keberatan", "refusal annulled on objection"),
    "lawful_refusal": (
        "ditolak dengan dasar hukum; tidak dihitung",
        "refused on a legal ground; left out",
    ),
    "decided_above": (
        "diputus Sekda atau Bupati; tidak dihitung",
        "decided by the Sekda or the Bupati; left out",
    ),
    "emergency": ("dibuka karena darurat; tidak dihitung", "opened in an emergency; left out"),
    "forwarded": (
        "dialihkan ke pemegang datanya; tidak dihitung",
        "forwarded to who holds the data; left out",
    ),
    "lapsed": ("ditarik atau gugur; tidak dihitung", "withdrawn or lapsed; left out"),
    "fresh": ("mutakhir", "up to date"),
    "stale": ("janji pemutakhiran lewat", "the promise of renewal is missed"),
    "filled": ("sel yang terisi", "cells that are filled"),
    "judged": ("baris yang lolos pemeriksaan", "rows that passed the gate"),
    "runs_good": ("setiap penarikan berhasil", "every pull went well"),
    "runs_failed": ("ada penarikan yang gagal", "some pulls failed"),
    "renewed_in_time": ("dikirim sesuai jadwal", "sent on schedule"),
    "renewed_late": ("ada kiriman yang terlambat", "some deliveries were late"),
    "contested_good": ("dihitung baik menurut putusan bantahan", "counted as good by a ruling"),
    "contested_left_out": (
        "dikeluarkan dari hitungan menurut putusan bantahan",
        "left out by a ruling",
    ),
}
