"""The answer to a person as a list, one line a read."""

from hub.privacy.shapes import SubjectAnswer

HEADER = (
    "waktu", "pembaca", "dataset", "rilis", "cara", "kolom", "hak_akses", "tujuan", "dasar", "jenis",
    "himpunan_baris", "pasti", "entri",
)  # fmt: skip


def rows(answer: SubjectAnswer) -> list[list[object]]:
    return [
        [
            one.at.isoformat(), one.reader, one.dataset, one.release, one.way, one.columns, one.contract,
            one.purpose, one.basis, one.kind, one.rows, "ya" if one.certain else "mungkin", one.entry,
        ]
        for one in answer.items
    ]  # fmt: skip
