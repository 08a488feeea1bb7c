"""Refusals at the door of a dataset.

NotPermitted
└── NoGrant
"""

from hub.errors import NotPermitted


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
