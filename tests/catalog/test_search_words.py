"""What meets what: pairs of words from the daily life of a regency, and pairs that must not meet."""

import pytest

from catalog.search.words import STEM, analysed, asked, stem, surfaces
from catalog.terms import CONCEPTS, SHORT_FORMS

MEET = """
penduduk kependudukan | sekolah persekolahan | pegawai kepegawaian | realisasi terealisasi
ternak peternakan | pajak perpajakan | didik pendidikan | sehat kesehatan | tani pertanian
ikan perikanan | hutan kehutanan | dagang perdagangan | usaha pengusaha | miskin kemiskinan
rumah perumahan | desa pedesaan | camat kecamatan | lurah kelurahan | izin perizinan
arsip kearsipan | pustaka perpustakaan | budaya kebudayaan | wisata pariwisata
pemuda kepemudaan | bencana kebencanaan | listrik kelistrikan | lelang pelelangan
cair pencairan | bayar pembayaran | anggaran penganggaran | belanja pembelanjaan
lapor pelaporan | surat persuratan | uang keuangan | bangun pembangunan | modal permodalan
guru keguruan | siswa kesiswaan | wilayah kewilayahan | layanan pelayanan | kontrak contract
anggaran budget | pengadaan procurement | jadwal schedule | peserta participants
kesehatan health | desa village | pajak tax | realisasi realization | kode codes
"""
APART = """
penduduk kedudukan | sekolah seko | pegawai gawai | rumah umah | jalan perjalanan
usaha perusahaan | harga penghargaan | pasar pemasaran | hubungan perhubungan
pembangunan bangunan | pengadaan keadaan | sakit penyakit | desa desain | kode kodok
tani tenaga | kontrak kontras | modal model | anggaran anggota | lahir lahan | petani pertanian
"""


def pairs(text: str) -> list[tuple[str, str]]:
    found = (pair.split() for line in text.strip().splitlines() for pair in line.split("|"))
    return [(one, other) for one, other in (pair for pair in found if pair)]


@pytest.mark.parametrize(("one", "other"), pairs(MEET))
def test_words_of_one_family_meet(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), pairs(APART))
def test_words_of_different_families_stay_apart(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_case_diacritics_and_punctuation_do_not_matter() -> None:
    assert surfaces("Séktor “AIR-Bersih” 2.16/03_a") == [
        "sektor",
        "air",
        "bersih",
        "2",
        "16",
        "03",
        "a",
    ]


def test_a_short_form_brings_its_long_form_and_a_long_form_its_short_one() -> None:
    assert {"dinkes", "dinas", "kesehatan"} <= set(analysed("Laporan Dinkes").split())
    assert "dinkes" in analysed("Dinas Kesehatan Kabupaten").split()
    assert "rup" in analysed("Rencana Umum Pengadaan").split()


def test_small_words_inside_a_phrase_do_not_hide_it() -> None:
    assert "bpbj" in analysed("Bagian Pengadaan Barang dan Jasa").split()


def test_a_question_of_small_words_alone_still_asks() -> None:
    assert asked("data penduduk per desa") == ["penduduk", "desa"]
    assert asked("data") == ["data"]
    assert asked("!!! --") == []


def test_no_surface_word_can_be_taken_for_a_stem() -> None:
    assert not any(word.startswith(STEM) for word in surfaces("_sehat __init__ a_b"))


def test_the_vocabulary_is_folded_and_no_word_has_two_families() -> None:
    words = [word for line in CONCEPTS for word in line.split()]
    assert sorted(words) == sorted(set(words))
    forms = [
        *SHORT_FORMS,
        *(word for many in SHORT_FORMS.values() for form in many for word in form.split()),
    ]
    assert all(surfaces(word) == [word] for word in (*words, *forms))
