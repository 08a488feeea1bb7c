"""AuthZEN 1.0: other programs ask whether somebody may do something to a dataset.

Subjects are people and programs (`person`, `client`), resources datasets (`dataset`), actions those of
the decision. The answer is that of the very same decision, made by what the hub itself knows: of the
properties that come with a question, those of the action narrow it (`grant`, `purpose`, `audience`);
those of subject and resource are taken and not believed. An evaluation opens nothing, so it is not recorded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from catalog.models import AccessClass, Dataset
from hub.access import inputs as known
from hub.access.decision import Decision, decide_all
from hub.access.inputs import Attributes, Inputs
from hub.agencies.principal import Principal, principal_of
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.auth.models import Client, Person
from hub.errors import Malformed, NotPermitted

MOST = 1_000
"""Evaluations in one request."""
ENTITIES = {"subject": ("type", "id"), "action": ("name",), "resource": ("type", "id")}
"""The members of a question, with what each must say in text."""
ASKING_OF_OTHERS = frozenset({Role.AUDITOR, Role.WALIDATA})
EXECUTE_ALL = "execute_all"
SEMANTICS = {EXECUTE_ALL: None, "deny_on_first_deny": False, "permit_on_first_permit": True}
"""By name: the decision after which no more are made."""

Entity = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """One question that is whole."""

    subject: tuple[str, str]
    action: str
    resource: tuple[str, str]
    properties: Entity = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """One answer; `context` says why."""

    decision: bool
    context: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return {"decision": self.decision, "context": self.context}


def evaluate(session: Session, actor: Principal, body: object, *, now: datetime) -> Told:
    """One decision. Raises Malformed; NotPermitted when the subject is not the actor's business."""
    asked = question(_object(body, ""))
    _must_ask_about(actor, asked.subject)
    return _answered(session, actor, [asked], now)[0]


def evaluate_all(
    session: Session, actor: Principal, body: object, *, now: datetime
) -> list[Told] | Told:
    """Many decisions in the order asked; one, as `evaluate`, when there is no list or an empty one.

    What is wrong with one question of several is that one's answer: no, and why.
    """
    whole = _object(body, "")
    listed = whole.get("evaluations")
    if listed is None or listed == []:
        return evaluate(session, actor, body, now=now)
    if not isinstance(listed, list) or len(listed) > MOST:
        raise _malformed(
            "evaluations", f"daftar 1–{MOST} pertanyaan", f"a list of 1–{MOST} questions"
        )
    last = _semantic(whole)
    questions = [_merged(actor, whole, item) for item in listed]
    asked = [one for one in questions if isinstance(one, Asked)]
    answers = iter(_answered(session, actor, asked, now))
    told = [one if isinstance(one, Told) else next(answers) for one in questions]
    return list(_until(told, last))


def question(body: Entity) -> Asked:
    """Raises Malformed, naming the member that is missing or of another type."""
    parts = {}
    for name, members in ENTITIES.items():
        entity = _object(body.get(name), name)
        for member in members:
            if not isinstance(entity.get(member), str):
                raise _malformed(f"{name}.{member}", "teks", "a text")
        parts[name] = entity
    properties = parts["action"].get("properties", {})
    return Asked(
        (parts["subject"]["type"], parts["subject"]["id"]),
        parts["action"]["name"],
        (parts["resource"]["type"], parts["resource"]["id"]),
        _object(properties, "action.properties"),
    )


def metadata(public_url: str) -> dict[str, str]:
    """Where the decision point is (AuthZEN 1.0 §9)."""
    return {
        "policy_decision_point": public_url,
        "access_evaluation_endpoint": f"{public_url}/access/v1/evaluation",
        "access_evaluations_endpoint": f"{public_url}/access/v1/evaluations",
    }


def _merged(actor: Principal, whole: Entity, item: object) -> Asked | Told:
    """One question of several: an entity of its own takes the place of the common one, which only
    lends it the members that it must have.
    """
    try:
        own = _object(item, "evaluations")
        body = {}
        for name, members in ENTITIES.items():
            common = whole.get(name)
            if name not in own:
                body[name] = common
                continue
            lent = {m: common[m] for m in members if isinstance(common, dict) and m in common}
            body[name] = {**lent, **own[name]} if isinstance(own[name], dict) else own[name]
        asked = question(body)
        _must_ask_about(actor, asked.subject)
    except (Malformed, NotPermitted) as wrong:
        status = 400 if isinstance(wrong, Malformed) else 403
        words = {"id": wrong.message_id, "en": wrong.message_en}
        return Told(False, {"error": {"status": status, "message": words}})
    return asked


def _answered(
    session: Session, actor: Principal, asked: Sequence[Asked], now: datetime
) -> list[Told]:
    """One look for each subject and one for the datasets, however many questions there are."""
    datasets = _datasets(
        session, {id_ for kind, id_ in (a.resource for a in asked) if kind == "dataset"}
    )
    told: dict[int, Told] = {}
    for subject in dict.fromkeys(one.subject for one in asked):
        principal = _principal(session, actor, subject, now)
        its = {n: one for n, one in enumerate(asked) if one.subject == subject}
        if principal is None:
            told |= {n: _no("unknown_subject") for n in its}
            continue
        reader = known.of_principal(principal)
        ready = {
            n: _inputs(one, found, reader, now)
            for n, one in its.items()
            if one.resource[0] == "dataset"
            and (found := datasets.get(one.resource[1]) or _unsaid(actor, one.resource[1]))
        }
        decided = decide_all(session, principal, list(ready.values())) if ready else []
        told |= {n: _told(decision) for n, decision in zip(ready, decided, strict=True)}
        told |= {n: _no("unknown_resource") for n in its.keys() - ready.keys()}
    return [told[n] for n in range(len(asked))]


def _unsaid(actor: Principal, dataset: str) -> Attributes | None:
    """What stands in for a dataset that there is not; members are told that there is none.

    For everybody else it is answered like the most closed one of an agency that is not theirs.
    """
    if actor.posts:
        return None
    body = {"id": dataset, "agency": "", "class": AccessClass.DIKECUALIKAN.value, "schemas": []}
    return Attributes({**body, "columns": [], "must_be_named": [], "when_a_person": []})


def _inputs(asked: Asked, dataset: Attributes, reader: Attributes, now: datetime) -> Inputs:
    narrowed = {name: asked.properties.get(name) for name in ("grant", "purpose", "audience")}
    said = {name: None if value is None else str(value) for name, value in narrowed.items()}
    return Inputs(
        at=now,
        action=asked.action,
        dataset=dataset,
        principal=reader,
        picked=said["grant"],
        purpose=said["purpose"],
        audience=said["audience"],
    )


_DECIDING = load_only(
    *(
        getattr(Dataset, name)
        for name in ("id", "agency", "access_class", "schema_name", "schema_version")
    )
)
"""A decision asks a dataset nothing else, and its descriptions take long to read."""


def _datasets(session: Session, ids: set[str]) -> dict[str, Attributes]:
    wanted = select(Dataset).options(_DECIDING).where(col(Dataset.id).in_(ids))
    found = session.exec(wanted) if ids else ()
    return {one.id: known.of_dataset(one, known.documents_of(session, one, ())) for one in found}


def _principal(
    session: Session, actor: Principal, subject: tuple[str, str], now: datetime
) -> Principal | None:
    """The subject as it would come itself; None for one that there is not, or that is switched off."""
    kind, id_ = subject
    if subject == _self(actor):
        return actor
    identity: Identity | None = None
    match kind:
        case "person":
            person = session.get(Person, id_)
            if person is not None and person.active:
                identity = Identity("person", person.id, person.name, scopes.ALL, "session")
        case "client":
            client = session.get(Client, id_)
            if client is not None and client.active:
                allowed = scopes.split(client.scope)
                identity = Identity("client", client.client_id, client.name, allowed, "token")
    return None if identity is None else principal_of(session, identity, now=now)


def _must_ask_about(actor: Principal, subject: tuple[str, str]) -> None:
    """About oneself anybody; about others auditors and the walidata, through a proof that allows it."""
    allowed = actor.can(scopes.AUDIT_READ) or actor.can(scopes.AGENCY_ADMIN)
    if subject == _self(actor) or (allowed and actor.roles & ASKING_OF_OTHERS):
        return
    raise NotPermitted(
        "Tentang orang atau program lain hanya bertanya auditor dan walidata, dengan cakupan audit:read "
        "atau agency:admin.",
        "About another person or program only auditors and the walidata ask, with the scope audit:read "
        "or agency:admin.",
    )


def _self(actor: Principal) -> tuple[Literal["person", "client"], str]:
    return actor.identity.kind, actor.id


def _semantic(whole: Entity) -> bool | None:
    options = _object(whole.get("options", {}), "options")
    name = options.get("evaluations_semantic", EXECUTE_ALL)
    if not isinstance(name, str) or name not in SEMANTICS:
        words = ", ".join(SEMANTICS)
        raise _malformed("options.evaluations_semantic", f"salah satu {words}", f"one of {words}")
    return SEMANTICS[name]


def _until(told: Sequence[Told], last: bool | None) -> Iterator[Told]:
    for one in told:
        yield one
        if one.decision is last:
            return


def _told(decision: Decision) -> Told:
    words = {"id": decision.reason_id, "en": decision.reason_en}
    context = {"reason": decision.outcome.reason, "reason_user": words}
    if decision.grant_id is not None:
        context["grant"] = decision.grant_id
    return Told(decision.allow, context)


def _no(reason: str) -> Told:
    return Told(False, {"reason": reason})


def _object(value: object, at: str) -> Entity:
    if not isinstance(value, dict):
        raise _malformed(at, "objek JSON", "a JSON object")
    return value


def _malformed(at: str, wanted_id: str, wanted_en: str) -> Malformed:
    place = at or "isi permintaan"
    return Malformed(
        f"{place}: harus {wanted_id}.", f"{at or 'the body'}: must be {wanted_en}.", at=at
    )
