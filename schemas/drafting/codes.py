"""Codes that are known by their shape and heading; a shape alone is enough only where nothing else looks so."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from schemas.drafting.naming import words_of


@dataclass(frozen=True)
class Code:
    """`words` are words of a heading; `alone` says that the shape is proof enough without them."""

    name: str
    title_id: str
    title_en: str
    pattern: str
    words: frozenset[str]
    alone: bool = False

    @cached_property
    def _matcher(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.ASCII)

    def fits(self, text: str) -> bool:
        return self._matcher.match(text) is not None and not text.endswith("\n")

    def most_fit(self, texts: Sequence[str]) -> int:
        """How many of the texts have the shape; 0 as soon as one of ten has not."""
        spare = len(texts) // 10
        for text in texts:
            if not self.fits(text):
                spare -= 1
                if spare < 0:
                    return 0
        return sum(self.fits(text) for text in texts)


_SUB = r"[1-8]\.[0-9]{2}\.[0-9]{2}\.[12]\.[0-9]{2}\.([0-9]{2}|[0-9]{4})"

CODES: tuple[Code, ...] = (
    Code(
        "nik",
        "NIK (16 digit)",
        "NIK (16 digits)",
        "^[0-9]{6}(0[1-9]|[12][0-9]|3[01]|4[1-9]|[56][0-9]|7[01])(0[1-9]|1[0-2])[0-9]{6}$",
        frozenset({"nik"}),
        alone=True,
    ),
    Code("kk", "nomor kartu keluarga", "family card number", "^[0-9]{16}$", frozenset({"kk"})),
    Code(
        "nip",
        "NIP (18 digit)",
        "NIP (18 digits)",
        "^(19|20)[0-9]{6}(19|20)[0-9]{2}(0[1-9]|1[0-2]|21)[12][0-9]{3}$",
        frozenset({"nip"}),
        alone=True,
    ),
    Code(
        "npwp",
        "NPWP",
        "NPWP",
        r"^([0-9]{2}\.[0-9]{3}\.[0-9]{3}\.[0-9]-[0-9]{3}\.[0-9]{3}|[0-9]{15,16})$",
        frozenset({"npwp"}),
    ),
    Code("npsn", "NPSN (8 digit)", "NPSN (8 digits)", "^[0-9]{8}$", frozenset({"npsn"})),
    Code("nisn", "NISN (10 digit)", "NISN (10 digits)", "^[0-9]{10}$", frozenset({"nisn"})),
    Code(
        "skpd",
        "kode SKPD",
        "code of an agency",
        r"^[0-9]\.[0-9]{2}\.[0-9]\.[0-9]{2}\.[0-9]\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$",
        frozenset({"skpd", "opd"}),
        alone=True,
    ),
    Code(
        "sub-kegiatan",
        "kode sub kegiatan",
        "code of a sub activity",
        f"^{_SUB}$",
        frozenset({"sub"}),
        alone=True,
    ),
    Code(
        "rekening",
        "kode rekening belanja",
        "budget account code",
        r"^[4-6]\.[0-9](\.[0-9]{2}(\.[0-9]{2}(\.([0-9]{2}\.[0-9]{3,4}|[0-9]{3}\.[0-9]{5}|[0-9]{2,3}))?)?)?$",
        frozenset({"rekening", "belanja"}),
    ),
    Code(
        "wilayah",
        "kode wilayah Kemendagri",
        "region code of the Ministry of Home Affairs",
        r"^[0-9]{2}\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?$",
        frozenset({"wilayah", "desa", "kelurahan", "kecamatan", "kemendagri"}),
    ),
    Code(
        "telepon",
        "nomor telepon",
        "phone number",
        r"^(\+?62|0)[0-9][0-9 .-]{6,14}$",
        frozenset(
            {"telepon", "telp", "tlp", "hp", "wa", "whatsapp", "kontak", "handphone", "ponsel"}
        ),
    ),
    Code(
        "email",
        "alamat email",
        "e-mail address",
        r"^[^@\s]{1,64}@[^@\s]+\.[^@\s]+$",
        frozenset({"email", "surel"}),
        alone=True,
    ),
    Code(
        "pos", "kode pos (5 digit)", "postal code (5 digits)", "^[1-9][0-9]{4}$", frozenset({"pos"})
    ),
)
BY_NAME = {code.name: code for code in CODES}
_CODE_WORDS = frozenset(
    words_of(
        "kode nik nip nisn npsn npwp nuptk nib kk nomor no id telepon telp tlp hp wa whatsapp rekening "
        "pos ponsel handphone register registrasi sertifikat polisi seri barcode"
    )
)
_QUANTITIES = frozenset(
    words_of(
        "jumlah jml total banyak persentase persen rata harga nilai anggaran pagu realisasi luas panjang "
        "volume target sisa saldo umur usia tahun"
    )
)


def looks_coded(heading: str) -> bool:
    """The heading speaks of a code or number that is never counted with."""
    words = words_of(heading)
    return bool(_CODE_WORDS & set(words)) and not _QUANTITIES & set(words)


def counts(heading: str) -> bool:
    """The heading speaks of a quantity."""
    return bool(_QUANTITIES & set(words_of(heading)))


def code_of(heading: str, texts: Sequence[str]) -> tuple[Code, int] | None:
    """The code that nine of ten values have the shape of, with how many; None if there is none."""
    if not texts or counts(heading):
        return None
    words = set(words_of(heading))
    for code in CODES:
        if not (code.alone or code.words & words):
            continue
        fit = code.most_fit(texts)
        if fit:
            return code, fit
    return None
