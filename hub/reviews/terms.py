"""What counts as collecting again: the rule of the regency, read from the book `pengumpulan-data`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.reviews.models import Role, Variable
from hub.reviews.variables import word_of
from hub.standards.service import SHARED_SYSTEMS
from schemas.document import SchemaDocument

BOOK = "pengumpulan-data"


@dataclass(frozen=True)
class Term:
    """A reference term that columns carry by their name, where an identifier of `beside` stands too."""

    code: str
    title_id: str
    title_en: str
    words: frozenset[str]
    beside: frozenset[str]


@dataclass(frozen=True)
class Rule:
    """`required` False: nobody waits for a review; a reason is needed all the same.

    `identifiers` says by word which kind of identifier of a person a column is.
    """

    required: bool
    shared_systems_free: bool
    same_schema_free: bool
    free_roles: frozenset[Role]
    review_personal: bool
    least_reason: int
    identifiers: Mapping[str, str]
    terms: tuple[Term, ...]

    def words_of(self, term: str) -> frozenset[str]:
        """Every word by which a column carries the term."""
        return frozenset().union(*(t.words for t in self.terms if t.code == term))

    def identifiers_in(self, words: Iterable[str]) -> frozenset[str]:
        """Kinds of identifiers of persons among the columns of one record."""
        return frozenset(self.identifiers[word] for word in words if word in self.identifiers)

    def term_of(self, variable: Variable, identifiers: frozenset[str]) -> str:
        """The term that a column states or carries by its name; "" when it has none.

        `identifiers` are those of its record.
        """
        if variable.term:
            return variable.term
        for term in self.terms:
            here = not term.beside or term.beside & identifiers
            if here and variable.word in term.words:
                return term.code
        return ""

    def collects(self, document: SchemaDocument) -> bool:
        """Whether records of this schema collect at all: shared systems exchange what is there."""
        system = document.name.partition("/")[0]
        return not (self.shared_systems_free and system in SHARED_SYSTEMS)

    def is_collected(self, variable: Variable) -> bool:
        """Keys, references, codes and identifiers of persons join records; they ask nobody anew."""
        return Role(variable.role) not in self.free_roles and variable.word not in self.identifiers

    def title_of(self, term: str) -> tuple[str, str]:
        """How a term is called (id, en); one that columns state themselves is its own title."""
        found = next((t for t in self.terms if t.code == term), None)
        return (found.title_id, found.title_en) if found else (term, term)


def rule_of(body: Mapping[str, Any]) -> Rule:
    """The rule in a body of the book; its shape has been checked when it was put."""
    said = body["collecting"]
    return Rule(
        required=said["required"],
        shared_systems_free=said["shared_systems_free"],
        same_schema_free=said["same_schema_free"],
        free_roles=frozenset(Role(role) for role in said["free_roles"]),
        review_personal=said["review_personal"],
        least_reason=said["least_reason"],
        identifiers={
            word_of(word): kind for kind, words in said["identifiers"].items() for word in words
        },
        terms=tuple(_term(one) for one in said["terms"]),
    )


def _term(said: Mapping[str, Any]) -> Term:
    return Term(
        said["term"],
        said["title"]["id"],
        said["title"]["en"],
        frozenset(word_of(word) for word in said["names"]),
        frozenset(said["beside"]),
    )
