"""The rules of a document as written, read into values: what is compared with what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from schemas.pointers import escaped, unescaped

Relation = Literal["sama_dengan", "paling_banyak", "paling_sedikit"]
RELATIONS: tuple[Relation, ...] = ("sama_dengan", "paling_banyak", "paling_sedikit")


@dataclass(frozen=True)
class Place:
    """A column, or something inside an object column: written as a name, or as a JSON pointer `/a/b`."""

    column: str
    path: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> "Place":
        if not text.startswith("/"):
            return cls(text)
        column, *path = (unescaped(token) for token in text[1:].split("/"))
        return cls(column, tuple(path))

    @property
    def pointer(self) -> str:
        return "".join(f"/{escaped(token)}" for token in (self.column, *self.path))

    def __str__(self) -> str:
        return ".".join((self.column, *self.path))


@dataclass(frozen=True)
class Term:
    """A number, or the sum of a list (`listed`) of numbers or of one `member` of its objects.

    `empty` stands in for a value that is not there; without it the rule says nothing about such a row.
    A `percent` of p multiplies by 1 + p/100.
    """

    place: Place
    listed: bool = False
    member: str | None = None
    empty: float | None = None
    percent: bool = False

    @classmethod
    def of(cls, said: Any) -> "Term":
        if isinstance(said, str):
            return cls(Place.of(said))
        return cls(
            Place.of(said["kolom"]),
            "anggota" in said or said.get("daftar", False),
            said.get("anggota"),
            said.get("kosong"),
            said.get("tambah_persen", False),
        )

    def __str__(self) -> str:
        return f"{self.place}.{self.member}" if self.member else str(self.place)


@dataclass(frozen=True)
class Total:
    """The sum (or product) of terms, compared with a number or a column; `tolerance` is allowed on either side."""

    terms: tuple[Term, ...]
    relation: Relation
    bound: Place | float
    tolerance: float = 0
    product: bool = False

    @property
    def places(self) -> tuple[Place, ...]:
        own = tuple(term.place for term in self.terms)
        return (*own, self.bound) if isinstance(self.bound, Place) else own

    @property
    def subject(self) -> Place:
        """Where a fault is shown: what should equal the terms, or else the first of what is too much."""
        if isinstance(self.bound, Place) and self.relation == "sama_dengan":
            return self.bound
        return self.terms[0].place


@dataclass(frozen=True)
class Part:
    """A piece of text: `text` itself, or a column's value, without a text, cut at a separator, or padded."""

    place: Place | None = None
    text: str = ""
    without: str = ""
    separator: str = ""
    nth: int = 0
    digits: int = 0

    @classmethod
    def of(cls, said: Any) -> "Part":
        if isinstance(said, str):
            return cls(Place.of(said))
        if "teks" in said:
            return cls(text=said["teks"])
        return cls(
            Place.of(said["kolom"]),
            without=said.get("tanpa", ""),
            separator=said.get("pisah", ""),
            nth=said.get("ke", 0),
            digits=said.get("digit", 0),
        )

    def __str__(self) -> str:
        if self.place is None:
            return f"“{self.text}”"
        return f"{self.place}[{self.nth}]" if self.separator else str(self.place)


@dataclass(frozen=True)
class Composed:
    """A text that is the parts put together (`gabungan`), begins with them (`awalan`) or ends so (`akhiran`)."""

    target: Part
    parts: tuple[Part, ...]
    how: Literal["gabungan", "awalan", "akhiran"]

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(part.place for part in (self.target, *self.parts) if part.place)

    @property
    def subject(self) -> Place:
        """Where a fault is shown."""
        return self.places[0]


@dataclass(frozen=True)
class Ordered:
    """Dates, moments or numbers that never fall from one place to the next; empty ones are passed over."""

    places: tuple[Place, ...]

    @property
    def subject(self) -> Place:
        """Where a fault is shown, if not at a later place."""
        return self.places[-1]


Claim = Total | Composed | Ordered


@dataclass(frozen=True)
class Rule:
    """One named rule; `when` lists for some columns the values with which it applies."""

    name: str
    claim: Claim
    severity: str = "error"
    words: Mapping[str, str] = field(default_factory=dict)
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def columns(self) -> frozenset[str]:
        return frozenset({place.column for place in self.claim.places} | set(self.when))


def rules_of(body: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules of a document that publication has checked."""
    return tuple(_rule(said) for said in body.get("x-aturan", ()))


def _rule(said: Mapping[str, Any]) -> Rule:
    words = said.get("pesan", {})
    return Rule(
        said["nama"],
        _claim(said),
        said.get("severity", "error"),
        {"id": words, "en": words} if isinstance(words, str) else words,
        {name: tuple(values) for name, values in said.get("bila", {}).items()},
    )


def _claim(said: Mapping[str, Any]) -> Claim:
    match said["jenis"]:
        case "urutan":
            return Ordered(tuple(map(Place.of, said["kolom"])))
        case "jumlah":
            return _total(said, said["suku"])
        case "hasil-kali":
            return _total(said, said["faktor"], product=True)
        case how:
            return Composed(Part.of(said["kolom"]), tuple(map(Part.of, said["bagian"])), how)


def _total(said: Mapping[str, Any], terms: list[Any], *, product: bool = False) -> Total:
    relation = next(word for word in RELATIONS if word in said)
    bound = said[relation]
    return Total(
        tuple(map(Term.of, terms)),
        relation,
        Place.of(bound) if isinstance(bound, str) else bound,
        said.get("toleransi", 0),
        product,
    )
