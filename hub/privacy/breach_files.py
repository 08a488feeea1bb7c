"""A breach report as a list, one line a way of reading."""

from hub.privacy.shapes import BreachReport

HEADER = (
    "dataset", "rilis", "cara", "instansi", "orang", "program", "nama", "hak_akses", "tujuan", "dasar",
    "kebijakan", "kolom", "kolom_pribadi", "pembacaan", "baris", "terputus", "gagal", "subjek_tercatat",
    "himpunan", "pertama", "terakhir",
)  # fmt: skip


def rows(report: BreachReport) -> list[list[object]]:
    return [
        [
            line.dataset, line.release, line.way, line.agency, line.person, line.client, line.name,
            line.contract, line.purpose, line.basis, line.policy,
            "semua" if line.columns is None else line.columns, line.personal, line.reads, line.rows,
            line.cut, line.failed, line.persons, line.sets,
            line.first_at.isoformat(), line.last_at.isoformat(),
        ]
        for line in report.lines
    ]  # fmt: skip
