"""Answers of the form of a request: from fields of a page to what is kept, and back."""

from collections.abc import Iterable
from typing import Any

from hub.grants.models import AccessRequest
from hub.grants.questions import Question
from hub.web.sent import Sent


def answers_of(form: Iterable[Question], sent: Sent) -> dict[str, Any]:
    """What was answered, by question; what was left empty is left out."""
    read = {question.code: _answer(question, sent) for question in form}
    return {code: answer for code, answer in read.items() if answer not in (None, "", [], {})}


def sent_of(form: Iterable[Question], request: AccessRequest) -> Sent:
    """The fields as they would be filled in to say what the request says."""
    pairs = [("purpose", request.purpose), ("basis", request.basis)]
    for question in form:
        answer = request.answers.get(question.code)
        if answer not in (None, "", [], {}):
            pairs += [(_field(question), value) for value in _texts(question, answer)]
    return Sent(tuple(pairs))


def _field(question: Question) -> str:
    return f"answer-{question.code}"


def _answer(question: Question, sent: Sent) -> Any:
    text = sent.one(_field(question))
    match question.kind:
        case "triggers":
            return sent.many(_field(question))
        case "lines":
            return [line.strip() for line in text.splitlines() if line.strip()]
        case "columns":
            pairs = (line.partition(":") for line in text.splitlines() if line.strip())
            return {name.strip(): reason.strip() for name, _, reason in pairs}
        case "days":
            return int(text) if text.isascii() and text.isdecimal() else text
        case _:
            return text


def _texts(question: Question, answer: Any) -> list[str]:
    """As fields hold it: one field a trigger, one line a post or a reason."""
    match question.kind:
        case "triggers":
            return [str(code) for code in answer]
        case "lines":
            return ["\n".join(map(str, answer))]
        case "columns":
            return ["\n".join(f"{name}: {reason}" for name, reason in answer.items())]
        case _:
            return [str(answer)]
