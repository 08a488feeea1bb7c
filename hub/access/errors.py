"""Refusals at the door of a dataset.

NotPermitted
├── NoGrant
└── MayNotStore
TooManyRequests
└── QuotaSpent
"""

from datetime import datetime

from hub.errors import NotPermitted, TooManyRequests


class NoGrant(NotPermitted):
    """Nothing opens the dataset to this caller; says how to ask and nothing else about it."""

    def __init__(self, dataset: str) -> None:
        super().__init__(
            f"Belum ada hak akses untuk membaca {dataset}. Ajukan permintaan dengan tujuan dan dasarnya.",
            f"There is no grant to read {dataset}. Ask for access, stating purpose and basis.",
            dataset=dataset,
            request=f"/api/v1/datasets/{dataset}/requests",
        )
        self.dataset = dataset


class MayNotStore(NotPermitted):
    """The caller may read the dataset, but not take it away as a whole file."""

    def __init__(self, dataset: str) -> None:
        super().__init__(
            f"Hak akses Anda membolehkan {dataset} dibaca, tetapi tidak disimpan sebagai berkas utuh. "
            "Baca per halaman (limit=) atau dengan SQL.",
            f"Your grant allows {dataset} to be read, but not to be stored as a whole file. "
            "Read it in pages (limit=) or with SQL.",
            dataset=dataset,
        )
        self.dataset = dataset


class QuotaSpent(TooManyRequests):
    """More rows than the grant gives for one day; `rest` of today's are left until `renews_at`."""

    def __init__(
        self, grant: str, *, daily_rows: int, rest: int, renews_at: datetime, now: datetime
    ) -> None:
        at = renews_at.strftime("%d-%m-%Y %H.%M")
        super().__init__(
            f"Hak akses {grant} memberi {daily_rows} baris sehari; hari ini tersisa {rest}. "
            f"Batasi dengan limit=, atau kembali setelah {at}.",
            f"Grant {grant} gives {daily_rows} rows a day; {rest} are left today. "
            f"Ask for fewer with limit=, or come back after {at}.",
            retry_after=max(1, int((renews_at - now).total_seconds()) + 1),
        )
        self.facts |= {
            "grant": grant,
            "daily_rows": daily_rows,
            "rest": rest,
            "renews_at": renews_at.isoformat(),
        }
