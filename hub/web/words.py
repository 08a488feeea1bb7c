"""Words of the catalog and of the grants as people read them; Indonesian, translated where shown."""

from catalog.models import AccessClass, Frequency
from hub.grants.models import State
from hub.intake.models import BatchState, RunOutcome
from hub.web.translation import N_

CLASSES = {
    AccessClass.TERBUKA: N_("Terbuka"),
    AccessClass.BERBAGI: N_("Berbagi"),
    AccessClass.TERBATAS: N_("Terbatas"),
    AccessClass.PRIBADI: N_("Pribadi"),
    AccessClass.PRIBADI_SPESIFIK: N_("Pribadi spesifik"),
    AccessClass.DIKECUALIKAN: N_("Dikecualikan"),
}
BADGES = {
    AccessClass.TERBUKA: "terbuka",
    AccessClass.BERBAGI: "berbagi",
    AccessClass.TERBATAS: "terbatas",
    AccessClass.PRIBADI: "pribadi",
    AccessClass.PRIBADI_SPESIFIK: "spesifik",
    AccessClass.DIKECUALIKAN: "dikecualikan",
}
"""Class of the badge in the stylesheet: its ball fills as access closes."""

FREQUENCIES = {
    Frequency.REAL_TIME: N_("Seketika"),
    Frequency.DAILY: N_("Harian"),
    Frequency.WEEKLY: N_("Mingguan"),
    Frequency.MONTHLY: N_("Bulanan"),
    Frequency.QUARTERLY: N_("Triwulanan"),
    Frequency.HALF_YEARLY: N_("Semesteran"),
    Frequency.YEARLY: N_("Tahunan"),
    Frequency.INCIDENTAL: N_("Insidental"),
}

STATES = {
    State.SUBMITTED: ("warn", N_("Diperiksa kelengkapannya")),
    State.INCOMPLETE: ("warn", N_("Menunggu perbaikan pemohon")),
    State.ASSESSMENT: ("warn", N_("Menunggu penilaian dampak")),
    State.WAITING: ("warn", N_("Menunggu produsen")),
    State.OVERDUE: ("late", N_("Terlambat")),
    State.WITH_SEKDA: ("late", N_("Menunggu Sekda")),
    State.WITH_BUPATI: ("late", N_("Menunggu Bupati")),
    State.BUPATI_LATE: ("late", N_("Menunggu Bupati, lewat tenggat")),
    State.REFUSED: ("idle", N_("Ditolak")),
    State.OBJECTION: ("warn", N_("Keberatan di walidata")),
    State.WITH_FORUM: ("warn", N_("Keberatan di Forum")),
    State.APPROVED: ("good", N_("Disetujui")),
    State.APPROVED_IN_PART: ("good", N_("Disetujui sebagian")),
    State.APPROVED_AT_ONCE: ("good", N_("Disetujui seketika")),
    State.DEEMED: ("good", N_("Dianggap disetujui")),
    State.TO_SIGN: ("warn", N_("Menunggu tanda tangan")),
    State.ACTIVE: ("good", N_("Akses aktif")),
    State.EMERGENCY: ("warn", N_("Akses darurat")),
    State.SUSPENDED: ("late", N_("Ditangguhkan")),
    State.SUSPENDED_LONG: ("late", N_("Ditangguhkan, di walidata")),
    State.FORWARDED: ("idle", N_("Dialihkan")),
    State.LAPSED: ("idle", N_("Gugur")),
    State.REFUSED_FINAL: ("idle", N_("Ditutup tanpa akses")),
    State.ENDED: ("idle", N_("Berakhir")),
    State.REVOKED: ("idle", N_("Dicabut")),
    State.FINISHED: ("idle", N_("Selesai")),
}
"""Status of a request or grant: shape and colour of the stylesheet, word."""

WAYS = {
    "rows": N_("halaman"),
    "export": N_("berkas"),
    "query": N_("kueri"),
    "sample": N_("contoh"),
    "profile": N_("profil"),
    "changes": N_("perubahan"),
    "aggregate": N_("agregat"),
    "verify": N_("verifikasi"),
}
"""How rows were read, as the ledger's kinds begin."""

MASKS = {
    "hide": N_("disembunyikan"),
    "hash": N_("disandikan, masih dapat dicocokkan"),
    "last_four": N_("empat huruf terakhir"),
    "year": N_("tahunnya saja"),
    "region:district": N_("kecamatannya saja"),
    "region:regency": N_("kabupatennya saja"),
    "region:province": N_("provinsinya saja"),
}
"""What a mask leaves to be seen (`hub.grants.masks`)."""

SIGNATURES = {
    "agency_key": N_("dengan kunci instansi sendiri"),
    "hub_attested": N_("lewat masuk sebagai pejabat, disaksikan hub"),
    "by_rule": N_("menurut aturan, tanpa keputusan orang"),
}
SIDES = {"producer": N_("Produsen"), "consumer": N_("Penerima")}

BATCHES = {
    BatchState.RECEIVED: ("warn", N_("Sedang diperiksa")),
    BatchState.HELD: ("warn", N_("Menunggu pengesahan orang kedua")),
    BatchState.PUBLISHED: ("good", N_("Terbit")),
    BatchState.REFUSED: ("late", N_("Ditolak")),
    BatchState.FAILED: ("late", N_("Gagal")),
}

RUNS = {
    RunOutcome.RUNNING: ("warn", N_("Sedang berjalan")),
    RunOutcome.OK: ("good", N_("Terbit")),
    RunOutcome.NOTHING_NEW: ("idle", N_("Tidak ada yang baru")),
    RunOutcome.REFUSED: ("late", N_("Ditolak")),
    RunOutcome.FAILED: ("late", N_("Gagal")),
}

PERSONAL = {
    "umum": N_("data pribadi umum"),
    "spesifik": N_("data pribadi spesifik"),
    "umum_bila_perorangan": N_("data pribadi umum, bila perorangan"),
    "spesifik_bila_perorangan": N_("data pribadi spesifik, bila perorangan"),
}

MODES = {
    "upsert": N_("Perbarui menurut kunci"),
    "append": N_("Tambahkan baris baru"),
    "replace": N_("Ganti semua"),
    "delete": N_("Hapus menurut kunci"),
}

PHASES = {
    "waiting": N_("menunggu giliran"),
    "judging": N_("baris diperiksa dengan skema"),
    "staging": N_("rilis disusun"),
    "done": N_("selesai"),
}
"""How far the hub is with a batch that it judges later."""

VIAS = {"push": N_("API"), "page": N_("Unggahan"), "pull": N_("Tarikan")}
KINDS = {"http-json": N_("Ditarik dari layanan HTTP"), "folder": N_("Ditarik dari folder berkas")}
CHANGES = {"baru": N_("baru"), "berubah": N_("berubah"), "hapus": N_("hapus")}
LAYERS = {
    "ok": ("good", N_("Baik")),
    "failed": ("late", N_("Gagal")),
    "skipped": ("idle", N_("Dilewati")),
}


def class_word(access_class: str) -> str:
    return CLASSES[AccessClass(access_class)]


def badge(access_class: str) -> str:
    return BADGES[AccessClass(access_class)]


def frequency_word(frequency: str) -> str:
    return FREQUENCIES[Frequency(frequency)]
