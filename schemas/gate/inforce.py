"""What is published at the moment of judging, as files; whoever calls the gate knows it, the gate does not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class InForce:
    """Plain paths, so that it crosses the border of a process.

    `codes`: `referensi/{list}` to a Parquet or text file whose first column is the code. `references`: the
    place of a reference in the document to Parquet files of the keys it may name, columns in the order of
    `Reference.mine`; of a reference to the record's own schema the batch's rows count too, and no files is
    fine. `held`: the files of the release that the batch stands on, when its keys are to be compared.
    """

    codes: Mapping[str, Path] = field(default_factory=dict)
    references: Mapping[int, Sequence[Path]] = field(default_factory=dict)
    held: Sequence[Path] | None = None
