"""The variables of schemas: what each column is, kept by version so that holders are found by index."""

from sqlmodel import Session, col, select

from catalog.turns import take_turn
from hub.reviews.models import Role, Variable
from schemas.columns import Column, stated_format
from schemas.document import SchemaDocument
from schemas.drafting.naming import words_of


def enter(session: Session, document: SchemaDocument) -> None:
    """Keep the variables of a version; nothing to do when they are kept already."""
    if _kept(session, document):
        return
    take_turn(session, f"simpul variables {document.name}/{document.version}")
    if not _kept(session, document):
        session.add_all(of(document))
        session.flush()  # queries of the same transaction see them


def _kept(session: Session, document: SchemaDocument) -> bool:
    known = select(Variable.name).where(
        col(Variable.schema_name) == document.name,
        col(Variable.schema_version) == document.version,
    )
    return session.exec(known.limit(1)).first() is not None


def of(document: SchemaDocument) -> list[Variable]:
    """Every column of a version, in the order of the document."""
    leading = _leading(document)
    return [
        _variable(document, column, leading.get(column.name, Role.VARIABLE))
        for column in document.by_name.values()
    ]


def word_of(name: str) -> str:
    """A name as names are compared: `Tanggal-Lahir` and `tanggal_lahir` are one."""
    return "_".join(words_of(name))


def concept_of(text: str) -> str:
    """A concept of MS-Var as concepts are compared: small letters, single blanks."""
    return " ".join(text.lower().split())


def _leading(document: SchemaDocument) -> dict[str, Role]:
    """Columns that lead to a record or a code and say nothing new of theirs."""
    mine = {name for reference in document.references for name in reference["fields"]}
    mine |= {
        name
        for reference in document.references
        for name in reference.get("via", {}).get("fields", ())
    }
    return (
        dict.fromkeys(document.codes, Role.CODE)
        | dict.fromkeys(mine, Role.REFERENCE)
        | dict.fromkeys(document.key, Role.KEY)
    )


def _variable(document: SchemaDocument, column: Column, role: Role) -> Variable:
    said = column.schema
    title = str(said.get("title", column.name))
    return Variable(
        schema_name=document.name,
        schema_version=document.version,
        name=column.name,
        title=title,
        title_en=str(said.get("x-title-en", title)),
        word=word_of(column.name),
        kind=column.kind,
        format=stated_format(said, document.body) or "",
        term=str(said.get("x-istilah", "")),
        concept=concept_of(str(said.get("x-konsep", ""))),
        personal=str(said.get("x-data-pribadi", "")),
        role=role,
    )
