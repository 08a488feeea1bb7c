"""What the form of a request asks beyond purpose and basis: by the class of the data, from a rule book.

Short answers cost little for data that costs little: BERBAGI asks none of these, personal data asks on
what lawful basis, why each field, for whom and for how long (UU 27/2022 pasal 16, 20).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from catalog.models import AccessClass, Dataset
from hub.errors import InvalidInput
from hub.grants.models import AccessRequest
from hub.grants.personal import named
from hub.grants.terms import PERSONAL_CLASSES
from hub.proceedings.procedure import Words
from hub.rules import service as rules
from hub.standards import service as standards
from schemas.document import SchemaDocument

BOOK = "formulir-permintaan"
LAW_BOOK = "pelindungan-data-pribadi"
MOST_LINES = 50


@dataclass(frozen=True)
class Option:
    code: str
    title: Words
    source: str = ""


@dataclass(frozen=True)
class Question:
    """`kind` says what an answer is: text and long a text, choice and lawful_basis a code, triggers
    codes, lines texts, columns a reason by column, days a whole number; `least` and `most` bound the
    letters of a text, `most` the number of days.
    """

    code: str
    kind: str
    title: Words
    hint: Words
    least: int
    most: int
    source: str
    options: tuple[Option, ...]
    required: bool


def kind_of(
    access_class: AccessClass, document: SchemaDocument, columns: Iterable[str] | None
) -> AccessClass:
    """The class whose questions apply: a personal column that is named brings those of personal data."""
    kinds = {document.personal[name] for name in named(document, columns)}
    if access_class is AccessClass.PRIBADI_SPESIFIK or "spesifik" in kinds:
        return AccessClass.PRIBADI_SPESIFIK
    if access_class in PERSONAL_CLASSES or kinds:
        return AccessClass.PRIBADI
    return access_class


def kind_of_request(session: Session, request: AccessRequest) -> AccessClass:
    """By the class as it is now, for it may be raised while the request waits."""
    dataset = session.get_one(Dataset, request.target)
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    return kind_of(dataset.access_class, document, request.columns)


def questions_for(session: Session, kind: AccessClass) -> list[Question]:
    """What is asked for data of this class, in the book's order."""
    asked = rules.current(session, BOOK).body["classes"][kind.value]
    return [question for question in _all(session) if question.code in asked]


def missing(session: Session, request: AccessRequest) -> list[Question]:
    """Questions of its class that the request does not answer."""
    asked = questions_for(session, kind_of_request(session, request))
    return unanswered(asked, request.answers)


def unanswered(questions: Iterable[Question], answers: Mapping[str, Any]) -> list[Question]:
    return [one for one in questions if one.required and not answers.get(one.code)]


def check(session: Session, document: SchemaDocument, answers: Mapping[str, Any]) -> None:
    """Raise InvalidInput for an answer to no question, or of another kind than its question's."""
    known = {question.code: question for question in _all(session)}
    odd = sorted(set(answers) - set(known))
    if odd:
        raise InvalidInput(
            f"Jawaban ini tidak ditanyakan: {', '.join(odd)}.",
            f"Nobody asked for these answers: {', '.join(odd)}.",
            member="answers",
            known=sorted(known),
        )
    for code, answer in answers.items():
        _check_one(document, known[code], answer)


def _check_one(document: SchemaDocument, question: Question, answer: Any) -> None:
    codes = {option.code for option in question.options}
    match question.kind:
        case "choice" | "lawful_basis":
            fits = answer in codes
            expected = Words(f"salah satu dari {sorted(codes)}", f"one of {sorted(codes)}")
        case "triggers":
            fits = isinstance(answer, list) and set(map(str, answer)) <= codes
            expected = Words(f"daftar dari {sorted(codes)}", f"a list out of {sorted(codes)}")
        case "days":
            whole = isinstance(answer, int) and not isinstance(answer, bool)
            fits = whole and 1 <= answer <= question.most
            expected = Words(
                f"bilangan bulat 1 sampai {question.most}",
                f"a whole number from 1 to {question.most}",
            )
        case "lines":
            fits = _are_texts(question, answer)
            expected = Words("daftar teks", "a list of texts")
        case "columns":
            fits = isinstance(answer, dict) and _are_reasons(document, question, answer)
            expected = Words(
                f"alasan (sedikitnya {question.least} huruf) menurut nama kolom skema",
                f"a reason (at least {question.least} letters) by the name of a column",
            )
        case _:
            fits = _is_text(question, answer)
            expected = Words(
                f"teks {question.least} sampai {question.most} huruf",
                f"a text of {question.least} to {question.most} letters",
            )
    if not fits:
        raise InvalidInput(
            f"Isian «{question.title.id}» ({question.code}) harus berupa {expected.id}.",
            f"The answer to «{question.title.en}» ({question.code}) must be {expected.en}.",
            member=f"answers.{question.code}",
        )


def _is_text(question: Question, answer: Any) -> bool:
    return isinstance(answer, str) and question.least <= len(answer.strip()) <= question.most


def _are_texts(question: Question, answer: Any) -> bool:
    return (
        isinstance(answer, list)
        and 0 < len(answer) <= MOST_LINES
        and all(_is_text(question, line) for line in answer)
    )


def _are_reasons(document: SchemaDocument, question: Question, answer: dict[str, Any]) -> bool:
    return bool(answer) and all(
        name in document.by_name and _is_text(question, reason) for name, reason in answer.items()
    )


def _all(session: Session) -> list[Question]:
    body = rules.current(session, BOOK).body
    law = rules.current(session, LAW_BOOK).body
    lists = {"lawful_basis": _bases(law), "triggers": _triggers(law)}
    return [
        Question(
            code=one["code"],
            kind=one["kind"],
            title=_words(one["title"]),
            hint=_words(one["hint"]),
            least=one["least"],
            most=one["most"],
            source=one["source"],
            options=lists.get(one["kind"], _options(one.get("options", ()))),
            required=one["code"] not in body["optional"],
        )
        for one in body["questions"]
    ]


def _options(said: Iterable[Mapping[str, Any]]) -> tuple[Option, ...]:
    return tuple(Option(one["code"], _words(one["title"])) for one in said)


def _bases(law: Mapping[str, Any]) -> tuple[Option, ...]:
    return tuple(Option(one["code"], _words(one["title"]), one["source"]) for one in law["bases"])


def _triggers(law: Mapping[str, Any]) -> tuple[Option, ...]:
    return tuple(
        Option(one["code"], _words(one["question"]), one["source"]) for one in law["triggers"]
    )


def _words(said: Mapping[str, str]) -> Words:
    return Words(said["id"], said["en"])
