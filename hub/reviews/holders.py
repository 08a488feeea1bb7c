"""Who already holds what a schema would collect: found by index, explained by the kind of the match."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy import select as choose
from sqlmodel import Session, col, func, select

from catalog.models import AccessClass, Dataset, Release
from hub.agencies.models import Agency
from hub.reviews import variables
from hub.reviews.models import Role, Variable
from hub.reviews.terms import Rule
from schemas.document import SchemaDocument

MOST_TERMS = 2000
MOST_SHOWN = 8
"""Holders shown of one field, the binding ones first."""


class Kind(StrEnum):
    """How a column of theirs is like one of ours; only the first needs a reason."""

    TERM = "istilah"
    FORM = "nama_dan_bentuk"
    CONCEPT = "konsep"
    IDENTIFIER = "pengenal"

    @property
    def binds(self) -> bool:
        return self is Kind.TERM


@dataclass(frozen=True)
class Holder:
    """A published dataset of another agency with such a column.

    `data_date` is what the dataset says of its data, `released_at` the moment of its last release.
    """

    kind: Kind
    dataset: str
    title: str
    title_en: str
    agency: str
    agency_name: str
    access_class: AccessClass
    field: str
    field_title: str
    field_title_en: str
    data_date: date | None
    released_at: datetime

    @property
    def match(self) -> str:
        return self.kind.value

    @property
    def binding(self) -> bool:
        return self.kind.binds


@dataclass(frozen=True)
class Field:
    """A column of ours: its term if it has one, whether it is collected at all, and who holds it."""

    name: str
    title: str
    title_en: str
    term: str
    term_title: tuple[str, str]
    personal: str
    collected: bool
    holders: tuple[Holder, ...]

    @property
    def binding(self) -> tuple[Holder, ...]:
        return tuple(holder for holder in self.holders if holder.binding)


Theirs = tuple[Variable, Dataset, str, datetime]
"""A column of theirs with its dataset, the name of its agency and the moment of its last release."""


def known_to_members() -> ColumnElement[bool]:
    """Datasets that every member of the regency may know of; what is excluded by law is not told."""
    return col(Dataset.access_class) != AccessClass.DIKECUALIKAN


def fields_of(
    session: Session,
    rule: Rule,
    document: SchemaDocument,
    *,
    agency: str,
    seen: ColumnElement[bool],
    only: frozenset[str] | None = None,
    dataset: str = "",
) -> list[Field]:
    """Every column of a schema that `agency` would collect under, in its order, with its holders.

    `seen` are the datasets that whoever looks may know of. `only` leaves out the other columns.
    A term that the agency publishes already, in another dataset than `dataset`, binds it no more.
    """
    mine = variables.of(document)
    identifiers = rule.identifiers_in(one.word for one in mine)
    asked = [one for one in mine if only is None or one.name in only]
    rows = _alike(session, rule, asked, identifiers, or_(seen, col(Dataset.agency) == agency))
    own = {term for row, term in rows if row[1].agency == agency and row[1].id != dataset} - {""}
    theirs = [(row, term) for row, term in rows if row[1].agency != agency]
    return [_field(rule, document, one, identifiers, theirs, own) for one in asked]


def of_question(
    session: Session, rule: Rule, *, term: str, name: str, seen: ColumnElement[bool], limit: int
) -> list[tuple[Holder, str]]:
    """Published columns that carry a term, or are called `name`, with their terms; by dataset and name."""
    words = rule.words_of(term) if term else frozenset({variables.word_of(name)})
    asked = [col(Variable.word).in_(words)] + ([col(Variable.term) == term] if term else [])
    rows = _rows(session, or_(*asked), seen)
    beside = _identifiers_beside(session, rule, rows)
    found = []
    for row in rows:
        theirs = rule.term_of(row[0], beside[_version(row[0])])
        if not term or theirs == term:
            found.append((_holder(Kind.TERM if term else Kind.FORM, row), theirs))
    return found[:limit]


def known_terms(session: Session, rule: Rule) -> list[str]:
    """Terms of the book and those that schemas state, which are open to all."""
    stated = select(Variable.term).where(Variable.term != "").distinct().limit(MOST_TERMS)
    return sorted({term.code for term in rule.terms} | set(session.exec(stated)))


def _field(
    rule: Rule,
    document: SchemaDocument,
    mine: Variable,
    identifiers: frozenset[str],
    theirs: Sequence[tuple[Theirs, str]],
    own: set[str],
) -> Field:
    term, collected = rule.term_of(mine, identifiers), rule.is_collected(mine)
    asked = "" if term in own else term
    found: dict[str, Holder] = {}
    for row, their_term in theirs:
        kind = _kind(rule, document, mine, asked, collected, row[0], their_term)
        known = found.get(row[1].id)
        if kind is not None and (known is None or _rank(kind) < _rank(known.kind)):
            found[row[1].id] = _holder(kind, row)
    ordered = sorted(found.values(), key=lambda one: (_rank(one.kind), one.dataset))
    return Field(
        mine.name,
        mine.title,
        mine.title_en,
        term,
        rule.title_of(term),
        mine.personal,
        collected,
        tuple(ordered[:MOST_SHOWN]),
    )


def _kind(
    rule: Rule,
    document: SchemaDocument,
    mine: Variable,
    term: str,
    collected: bool,
    other: Variable,
    their_term: str,
) -> Kind | None:
    """The strongest likeness; a column that only joins is no more than an identifier in common."""
    identifier = rule.identifiers.get(mine.word)
    if identifier is not None:
        same = rule.identifiers.get(other.word) == identifier
        return Kind.IDENTIFIER if same else None
    if not collected or Role(other.role) in (Role.REFERENCE, Role.CODE):
        return None
    shared = rule.same_schema_free and other.schema_name == document.name
    if term and term == their_term and not shared and rule.collects(document):
        return Kind.TERM
    of_another = bool(rule.words_of(term)) and their_term != term  # a name, but not of a resident
    alike = (mine.word, mine.kind, mine.format) == (other.word, other.kind, other.format)
    if alike and not of_another:
        return Kind.FORM
    return Kind.CONCEPT if mine.concept and mine.concept == other.concept else None


def _alike(
    session: Session,
    rule: Rule,
    mine: Sequence[Variable],
    identifiers: frozenset[str],
    seen: ColumnElement[bool],
) -> list[tuple[Theirs, str]]:
    """Columns that may be like one of ours, with their terms; those that carry a term are all there."""
    terms = {rule.term_of(one, identifiers) for one in mine} - {""}
    words = frozenset[str]().union(*(rule.words_of(term) for term in terms))
    carrying = or_(col(Variable.term).in_(sorted(terms)), col(Variable.word).in_(sorted(words)))
    rows = _rows(session, carrying, seen) if terms else []
    concepts = sorted({one.concept for one in mine} - {""})
    kinds = rule.identifiers_in(one.word for one in mine)
    alike = {one.word for one in mine if rule.is_collected(one)}
    alike |= {word for word, kind in rule.identifiers.items() if kind in kinds}
    hints = or_(col(Variable.word).in_(sorted(alike)), col(Variable.concept).in_(concepts))
    rows += _rows(session, hints, seen, most_of_a_word=MOST_SHOWN)
    beside = _identifiers_beside(session, rule, rows)
    return [(row, rule.term_of(row[0], beside[_version(row[0])])) for row in rows]


def _rows(
    session: Session,
    wanted: ColumnElement[bool],
    seen: ColumnElement[bool],
    *,
    most_of_a_word: int | None = None,
) -> list[Theirs]:
    """Columns of datasets with a release, by dataset and name; of each word at most so many."""
    last = (
        select(func.max(Release.published_at))
        .where(col(Release.dataset) == col(Dataset.id), _kept())
        .scalar_subquery()
    )
    rows = (
        select(Variable, Dataset, Agency.name, last)
        .join(Dataset, _played())
        .join(Agency, col(Agency.code) == col(Dataset.agency))
        .order_by(col(Dataset.id), col(Variable.name))
    )
    released = exists().where(col(Release.dataset) == col(Dataset.id), _kept())
    if most_of_a_word is None:
        rows = rows.where(wanted, seen, released)
    else:
        place = func.row_number().over(partition_by=col(Variable.word), order_by=col(Dataset.id))
        ours = (Dataset.id, Variable.schema_name, Variable.schema_version, Variable.name)
        mine = [col(part) for part in ours]
        first = (
            choose(*mine, place.label("place"))
            .join_from(Variable, Dataset, _played())
            .where(wanted, seen, released)
            .subquery()
        )
        same = and_(*(one == other for one, other in zip(mine, first.c, strict=False)))
        rows = rows.join(first, same).where(first.c.place <= most_of_a_word)
    return [(variable, dataset, name, at) for variable, dataset, name, at in session.exec(rows)]


def _played() -> ColumnElement[bool]:
    """The columns of the version that a dataset is of."""
    return and_(
        col(Dataset.schema_name) == col(Variable.schema_name),
        col(Dataset.schema_version) == col(Variable.schema_version),
    )


def _kept() -> ColumnElement[bool]:
    """Releases whose rows are still there; what was disposed of is held no more."""
    return col(Release.disposed_at).is_(None)


def _identifiers_beside(
    session: Session, rule: Rule, rows: Sequence[Theirs]
) -> Mapping[tuple[str, str], frozenset[str]]:
    """By version of a schema: the kinds of identifiers of persons that stand in its record."""
    wanted = {_version(row[0]) for row in rows}
    found: dict[tuple[str, str], set[str]] = {version: set() for version in wanted}
    named = select(Variable.schema_name, Variable.schema_version, Variable.word).where(
        col(Variable.word).in_(sorted(rule.identifiers)),
        col(Variable.schema_name).in_(sorted({name for name, _ in wanted})),
    )
    for name, version, word in session.exec(named):
        if (name, version) in found:
            found[name, version].add(rule.identifiers[word])
    return {version: frozenset(kinds) for version, kinds in found.items()}


def _version(variable: Variable) -> tuple[str, str]:
    return variable.schema_name, variable.schema_version


def _rank(kind: Kind) -> int:
    return list(Kind).index(kind)


def _holder(kind: Kind, row: Theirs) -> Holder:
    variable, dataset, agency_name, released_at = row
    return Holder(
        kind,
        dataset.id,
        dataset.title,
        dataset.title_en or dataset.title,
        dataset.agency,
        agency_name,
        dataset.access_class,
        variable.name,
        variable.title,
        variable.title_en,
        dataset.data_date,
        released_at,
    )
