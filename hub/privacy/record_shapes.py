"""Processing records over HTTP and as files: the fields of domain.md §2.3 by their names."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from hub.grants.models import Grant
from hub.grants.personal_models import ProcessingRecord
from hub.privacy.records import ended_at


class RecordOut(BaseModel):
    """`kategori_data` are columns with their kind and mask; `dasar_dinyatakan` is false for an assumed basis."""

    id_catatan: str
    kode_skpd_pengendali: str
    kode_skpd_prosesor: str | None
    nama_kegiatan: str
    tujuan: str
    dasar_pemrosesan: str
    dasar_dinyatakan: bool
    pasal_rujukan: str
    kategori_subjek: list[str]
    kategori_data: list[dict[str, str]]
    sumber: str
    kode_skpd_penerima: str | None
    penerima: list[str]
    transfer_luar: bool
    masa_retensi: int
    cara_pemusnahan: dict[str, str]
    langkah_keamanan: list[dict[str, str]]
    penilaian_dampak: dict[str, Any]
    pejabat_pdp: str
    tanggal_mulai: date
    tanggal_tinjau: date
    tanggal_berakhir: datetime | None
    dataset: str
    hak_akses: str
    permintaan: str
    terbawa: bool
    buku_aturan: int


class BasisIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    basis: Annotated[str, StringConstraints(max_length=40)]
    article: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]


def record_out(row: ProcessingRecord, grant: Grant, now: datetime) -> RecordOut:
    return RecordOut(
        id_catatan=row.id,
        kode_skpd_pengendali=row.controller,
        kode_skpd_prosesor=row.processor,
        nama_kegiatan=row.activity,
        tujuan=row.purpose,
        dasar_pemrosesan=row.basis,
        dasar_dinyatakan=row.basis_stated,
        pasal_rujukan=row.article,
        kategori_subjek=row.subject_categories,
        kategori_data=row.data_categories,
        sumber=row.source,
        kode_skpd_penerima=row.recipient,
        penerima=row.recipients,
        transfer_luar=row.abroad,
        masa_retensi=row.retention_days,
        cara_pemusnahan=row.disposal,
        langkah_keamanan=row.safeguards,
        penilaian_dampak=row.assessment,
        pejabat_pdp=row.officer,
        tanggal_mulai=row.starts_on,
        tanggal_tinjau=row.review_on,
        tanggal_berakhir=ended_at(grant, now),
        dataset=row.dataset,
        hak_akses=row.grant,
        permintaan=row.request,
        terbawa=row.carried,
        buku_aturan=row.rules,
    )


HEADER = tuple(RecordOut.model_fields)


def as_row(record: RecordOut) -> list[object]:
    """One line of a list: what is nested is put into words."""
    told = record.model_dump(mode="json")
    told["kategori_data"] = [f"{one['column']} ({one['kind']})" for one in record.kategori_data]
    told["cara_pemusnahan"] = record.cara_pemusnahan["id"]
    told["langkah_keamanan"] = "; ".join(one["id"] for one in record.langkah_keamanan)
    told["penilaian_dampak"] = ", ".join(record.penilaian_dampak["triggers"]) or "tidak perlu"
    return [told[name] for name in HEADER]
