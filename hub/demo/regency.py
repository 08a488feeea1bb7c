"""What the demonstration consists of: agencies, posts, datasets and the files they are filled from."""

import gzip
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec


@dataclass(frozen=True)
class Words:
    """One sentence for people, in Indonesian and in English."""

    id: str
    en: str


@dataclass(frozen=True)
class DemoAgency:
    """One agency or a unit of one; parents come before their units.

    `origin` says what is real: `umpan` (row of the satker feed), `nyata` (real, not in that
    feed), `sintetis`. `code` is made up for the demonstration, `kd_satker_str` is the feed's.
    """

    code: str
    name: str
    kind: str
    origin: Literal["umpan", "nyata", "sintetis"]
    parent: str | None = None
    kd_satker: int | None = None
    kd_satker_str: str = ""
    own_signing_key: bool = False


@dataclass(frozen=True)
class DemoPost:
    """A jabatan with its role; `holder` is the demonstration person who sits on it, if any."""

    agency: str
    title: str
    role: str
    holder: str | None = None


@dataclass(frozen=True)
class Arrival:
    """How the rows come in. Pulled over HTTP by LKPP's name of the service, or from a folder by file name."""

    by: Literal["push", "pull"]
    kind: Literal["", "http-json", "folder"] = ""
    service: str = ""
    name: str = ""


@dataclass(frozen=True)
class DemoDataset:
    """One dataset; the words are those of the catalog's record."""

    agency: str
    slug: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    topic: str
    keywords: tuple[str, ...]
    schema_name: str
    schema_version: str
    access_class: str
    restriction_basis: str
    personal_data: str
    frequency: str
    data_date: date
    contact_post: str
    source_note: str
    licence: str
    file: str
    format: Literal["ndjson", "csv"]
    on_error: Literal["reject", "quarantine"]
    arrival: Arrival
    intake: tuple[dict[str, Any], ...] = field(hash=False)

    @property
    def name(self) -> str:
        return f"{self.agency}/{self.slug}"

    def served(self) -> bytes:
        """The file as the agency serves it (`format`), unpacked from the package's own data; 5 MB at most."""
        return gzip.decompress((files("hub.demo") / "data" / self.file).read_bytes())


@dataclass(frozen=True)
class Regency:
    """Everything `hub/demo/regency.json` states."""

    about: Words
    business_date: date
    region: str
    class_note: Words
    licences: dict[str, Words] = field(hash=False)
    agencies: tuple[DemoAgency, ...] = ()
    posts: tuple[DemoPost, ...] = ()
    datasets: tuple[DemoDataset, ...] = ()

    def dataset(self, name: str) -> DemoDataset:
        """By `agency/slug`; raises KeyError."""
        return {dataset.name: dataset for dataset in self.datasets}[name]


@cache
def regency() -> Regency:
    text = (files("hub.demo") / "regency.json").read_bytes()
    return msgspec.json.decode(text, type=Regency)
