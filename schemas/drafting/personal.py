"""Personal data suspected from headings and from the shape of values (UU 27/2022: umum, spesifik)."""

from collections.abc import Mapping

from schemas.drafting.codes import counts
from schemas.drafting.naming import words_of
from schemas.drafting.remarks import Remark

_SPECIFIC = {
    "kesehatan": "diagnosa diagnosis penyakit disabilitas difabel darah stunting gizi hamil kehamilan imunisasi "
    "kesehatan hiv tbc tinggi_badan berat_badan",
    "keuangan pribadi": "gaji penghasilan upah desil rekening_bank nomor_rekening no_rekening tabungan",
    "biometrik": "sidik wajah iris",
}
_GENERAL = {
    "tanggal lahir": "lahir ttl",
    "umur": "umur usia",
    "agama": "agama kepercayaan",
    "jenis kelamin": "kelamin gender lp",
    "status perkawinan": "perkawinan nikah kawin",
    "pekerjaan": "pekerjaan",
    "nama orang tua": "ibu ayah wali",
}
_PERSON = frozenset(
    words_of(
        "penerima siswa pegawai kepala anak lengkap petugas pemilik pasien ketua bidan guru orang kader balita warga "
        "penduduk pemohon peserta anggota pengurus kk suami istri manfaat direktur bendahara operator nelayan petani"
    )
)
_CONTACT = {"telepon": "nomor telepon", "email": "alamat email", "npwp": "NPWP"}
_IDENTITY = {"nik": "NIK", "kk": "nomor kartu keluarga", "nip": "NIP", "nisn": "NISN"}


def suspected(headings: Mapping[str, str]) -> dict[str, tuple[str, Remark]]:
    """By heading: `umum`, `spesifik` or `umum_bila_perorangan`, and why; `headings` name the code found in each."""
    about_persons = any(
        code in _IDENTITY or _is_name_of_person(heading, False)
        for heading, code in headings.items()
    )
    found = {}
    for heading, code in headings.items():
        kind, why = _of(heading, code, about_persons)
        if kind:
            found[heading] = kind, _said(kind, why)
    return found


def _of(heading: str, code: str, about_persons: bool) -> tuple[str, str]:
    words = words_of(heading)
    maybe = "umum" if about_persons else "umum_bila_perorangan"
    if code in _IDENTITY:
        return "umum", f"isinya berbentuk {_IDENTITY[code]}"
    if code in _CONTACT:
        return maybe, f"isinya berbentuk {_CONTACT[code]}"
    if counts(heading) and not {"umur", "usia"} & set(words):
        return "", ""
    for what, listed in _SPECIFIC.items():
        if _mentions(words, listed):
            return (
                "spesifik" if about_persons else "spesifik_bila_perorangan"
            ), f"judulnya menyebut {what}"
    if _is_name_of_person(heading, about_persons):
        return "umum", "judulnya menyebut nama orang"
    if {"alamat", "domisili"} & set(words):
        return maybe, "judulnya menyebut alamat"
    for what, listed in _GENERAL.items():
        if about_persons and _mentions(words, listed):
            return "umum", f"judulnya menyebut {what}"
    return "", ""


def _mentions(words: tuple[str, ...], listed: str) -> bool:
    joined = f"_{'_'.join(words)}_"
    return any(f"_{word}_" in joined for word in listed.split())


def _is_name_of_person(heading: str, about_persons: bool) -> bool:
    words = words_of(heading)
    if "nama" not in words:
        return False
    return bool(_PERSON & set(words)) or (about_persons and words == ("nama",))


def _said(kind: str, why: str) -> Remark:
    level = "spesifik" if kind.startswith("spesifik") else "umum"
    condition = " bila barisnya tentang orang" if kind.endswith("perorangan") else ""
    return Remark(
        f"Diduga data pribadi {level}{condition}: {why}.",
        f"Suspected personal data ({level}{', if rows are about persons' if condition else ''}): {why}.",
    )
