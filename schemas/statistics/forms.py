"""The fields of MS-Keg, MS-Var and MS-Ind, and who knows what the hub does not."""

from dataclasses import dataclass
from typing import Literal

PRODUCER = "produsen data"
WALIDATA = "walidata"
SUPERVISOR = "BPS"

Name = Literal["ms-keg", "ms-var", "ms-ind"]


@dataclass(frozen=True)
class Field:
    """One field of a form; `filled_by` names who must fill it when `value` is "", and is "" otherwise."""

    name: str
    label: str
    value: str = ""
    filled_by: str = ""


@dataclass(frozen=True)
class Asked:
    """A field as the form asks for it, and who fills it when nobody has said."""

    name: str
    label: str
    by: str = PRODUCER


@dataclass(frozen=True)
class Form:
    """A form with its records: one activity, one variable each, or one indicator each."""

    name: Name
    title: str
    records: tuple[tuple[Field, ...], ...]


TITLES: dict[Name, str] = {
    "ms-keg": "Metadata Statistik Kegiatan (MS-Keg)",
    "ms-var": "Metadata Statistik Variabel (MS-Var)",
    "ms-ind": "Metadata Statistik Indikator (MS-Ind)",
}

FORMS: dict[Name, tuple[Asked, ...]] = {
    "ms-keg": (
        Asked("judul_kegiatan", "Judul kegiatan"),
        Asked("kode_kegiatan", "Kode kegiatan", SUPERVISOR),
        Asked("tahun", "Tahun kegiatan"),
        Asked("cara_pengumpulan", "Cara pengumpulan data"),
        Asked("sektor", "Sektor kegiatan"),
        Asked("jenis_statistik", "Jenis kegiatan statistik"),
        Asked("rekomendasi_bps", "Identitas rekomendasi", SUPERVISOR),
        Asked("penyelenggara", "Instansi penyelenggara"),
        Asked("penanggung_jawab", "Penanggung jawab teknis"),
        Asked("latar_belakang", "Latar belakang kegiatan"),
        Asked("tujuan", "Tujuan kegiatan"),
        Asked("jadwal", "Rencana jadwal kegiatan"),
        Asked("variabel", "Variabel (karakteristik) yang dikumpulkan"),
        Asked("frekuensi", "Frekuensi penyelenggaraan"),
        Asked("tipe", "Tipe pengumpulan data (longitudinal atau cross-sectional)"),
        Asked("cakupan_wilayah", "Cakupan wilayah pengumpulan data"),
        Asked("metode", "Metode pengumpulan data"),
        Asked("sarana", "Sarana pengumpulan data"),
        Asked("unit_pengumpulan", "Unit pengumpulan data"),
        Asked("desain_sampel", "Desain sampel"),
        Asked("uji_coba", "Uji coba (pilot survey)"),
        Asked("pemeriksaan_kualitas", "Metode pemeriksaan kualitas pengumpulan data"),
        Asked("petugas", "Petugas pengumpulan data"),
        Asked("pengolahan", "Tahapan pengolahan data"),
        Asked("metode_analisis", "Metode analisis"),
        Asked("tingkat_penyajian", "Tingkat penyajian hasil analisis"),
        Asked("produk", "Produk kegiatan yang tersedia untuk umum"),
        Asked("jadwal_rilis", "Rencana rilis produk kegiatan"),
    ),
    "ms-var": (
        Asked("nama_variabel", "Nama variabel"),
        Asked("alias", "Alias"),
        Asked("konsep", "Konsep"),
        Asked("definisi", "Definisi"),
        Asked("referensi_pemilihan", "Referensi pemilihan"),
        Asked("referensi_waktu", "Referensi waktu"),
        Asked("tipe_data", "Tipe data"),
        Asked("ukuran", "Ukuran"),
        Asked("satuan", "Satuan"),
        Asked("klasifikasi_isian", "Klasifikasi isian"),
        Asked("aturan_validasi", "Aturan validasi"),
        Asked("kalimat_pertanyaan", "Kalimat pertanyaan"),
        Asked("dapat_diakses_umum", "Apakah variabel dapat diakses umum?", WALIDATA),
    ),
    "ms-ind": (
        Asked("nama_indikator", "Nama indikator"),
        Asked("konsep", "Konsep"),
        Asked("definisi", "Definisi"),
        Asked("interpretasi", "Interpretasi"),
        Asked("metode_rumus", "Metode atau rumus penghitungan"),
        Asked("ukuran", "Ukuran"),
        Asked("satuan", "Satuan"),
        Asked("klasifikasi_penyajian", "Klasifikasi penyajian"),
        Asked("indikator_komposit", "Apakah indikator komposit?"),
        Asked("indikator_pembangun", "Indikator pembangun"),
        Asked("kegiatan_penghasil", "Variabel pembangun: kegiatan penghasil"),
        Asked("kode_kegiatan", "Variabel pembangun: kode kegiatan", SUPERVISOR),
        Asked("variabel_pembangun", "Variabel pembangun: nama"),
        Asked("level_estimasi", "Level estimasi"),
        Asked("dapat_diakses_umum", "Apakah indikator dapat diakses umum?", WALIDATA),
    ),
}
