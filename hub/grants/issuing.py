"""From an approval to a grant: the contract is written, signed by its sides, and begins."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session, select

from catalog.models import Dataset
from hub.agencies.principal import Principal
from hub.calendar import real_now
from hub.errors import Conflict, InvalidInput, NotPermitted
from hub.grants import attesting, processing, records
from hub.grants.contract import text_of
from hub.grants.keys import valid_key
from hub.grants.models import AccessRequest, Grant, GrantSignature, State
from hub.grants.narrowing import Given
from hub.grants.signing import AGENCY_KEY, BY_RULE, HUB_ATTESTED
from hub.grants.terms import end_of, longest_life
from hub.grants.verify import SIDES, header_of, jws_holds
from hub.ledger.entry import HUB
from hub.ledger.verify import NotProven
from hub.proceedings.numbering import next_number
from hub.proceedings.office import Office


def as_asked(request: AccessRequest) -> Given:
    return Given(
        columns=request.columns,
        filter=request.filter,
        masks=request.masks,
        daily_rows=request.daily_rows,
        until=request.until,
        may_store=request.may_store,
    )


@dataclass(frozen=True)
class ByRule:
    """A grant that nobody decided on: the rule, and the ledger's entries that prove its case."""

    name: str
    cites: tuple[str, ...] = ()


def give(
    session: Session,
    office: Office,
    principal: Principal | None,
    request: AccessRequest,
    given: Given,
    *,
    rule: ByRule | None,
) -> Grant:
    """Write the contract that a request came to, and sign it for all who do not sign by key alone.

    Without a `rule` a person decided: `principal`.
    """
    now = real_now()
    grant = _drawn_up(session, office, principal, request, given, now)
    own = rule is None and principal is not None and principal.is_member_of(request.producer)
    by_key = attesting.sides_by_key(session, request, own_decision=own)
    if by_key:
        grant.waits_until = now + timedelta(days=office.sign_days)
    session.add_all([request, grant])
    session.flush()  # the number is taken before the entry names the grant
    processing.written(session, request, grant)
    asked = attesting.requested(session, request)
    kind = BY_RULE if rule else AGENCY_KEY if "producer" in by_key else HUB_ATTESTED
    entry = records.issued(session, office.ledger, principal, grant, kind).entry_id
    if rule is not None:
        cites = [asked.entry, *rule.cites, entry]
        session.add(attesting.by_the_rule(office.ledger, grant, rule.name, cites, now))
    elif "producer" not in by_key and principal is not None:
        session.add(attesting.by_the_decider(office.ledger, grant, principal, entry, now))
    if "consumer" not in by_key:
        session.add(attesting.by_the_requester(office.ledger, grant, request, asked))
    if not by_key:
        _begin(session, office, principal, grant, now)
    return grant


def sign(session: Session, office: Office, principal: Principal, grant: Grant, jws: str) -> Grant:
    """Take up an agency's own signature under the contract; the last one that was due begins it.

    Raises InvalidInput for a signature that is not good, NotPermitted for a key of no party.
    """
    now = real_now()
    session.refresh(grant, with_for_update=True)
    if grant.state_at(now) not in (State.ACTIVE, State.TO_SIGN):
        raise Conflict(
            f"Hak akses {grant.id} sudah {grant.state_at(now).value}.",
            f"Grant {grant.id} is over: {grant.state_at(now).value}.",
            state=grant.state_at(now).value,
        )
    key = valid_key(session, _header(jws).get("kid"), now=now)
    side = _side_of(grant, key.agency)
    if not principal.is_member_of(key.agency):
        raise NotPermitted(
            f"Tanda tangan {key.agency} diserahkan oleh anggota {key.agency}.",
            f"A signature of {key.agency} is handed in by a member of {key.agency}.",
        )
    if not jws_holds(key.jwk, jws, grant.text):
        raise InvalidInput(
            "Tanda tangan tidak cocok dengan teks kontrak dan kunci yang disebutnya.",
            "The signature fits neither the text of the contract nor the key that it names.",
            member="jws",
        )
    if session.get(GrantSignature, (grant.id, side, AGENCY_KEY)) is not None:
        raise Conflict(
            f"Kontrak {grant.id} sudah ditandatangani {key.agency} dengan kuncinya.",
            f"Contract {grant.id} is signed by {key.agency} with its key already.",
        )
    entry = records.signed(session, office.ledger, principal, grant, side, jws).entry_id
    session.add(attesting.by_the_key(grant, side, principal, jws, key.id, entry, now))
    session.flush()  # what is still missing is asked of the database
    if grant.waits_until is not None and not _missing(session, grant):
        grant.waits_until = None
        session.add(grant)
        _begin(session, office, principal, grant, now)
    return grant


def _drawn_up(
    session: Session,
    office: Office,
    principal: Principal | None,
    request: AccessRequest,
    given: Given,
    now: datetime,
) -> Grant:
    dataset = session.get_one(Dataset, request.target)
    longest = longest_life(session, dataset.access_class, personal=request.personal)
    expires_at = end_of(given.until, now, longest)
    if expires_at <= now:
        raise Conflict(
            "Masa akses yang diminta sudah lewat; ajukan permintaan baru.",
            "The asked period has passed meanwhile; make a new request.",
        )
    grant = Grant(
        id=next_number(session, "HA", office.clock.today().year, 5),
        target=request.target,
        producer=request.producer,
        access_class=dataset.access_class,
        grantee_agency=request.agency,
        grantee=request.requester if request.agency is None else None,
        columns=given.columns,
        filter=given.filter,
        masks=given.masks,
        use=request.use,
        daily_rows=given.daily_rows,
        may_store=given.may_store,
        supersedes=request.supersedes,
        purpose=request.purpose,
        basis=request.basis,
        starts_at=now,
        expires_at=expires_at,
        request=request.id,
        granted_by=principal.id if principal is not None else HUB.id,
        digest="",
    )
    grant.text = text_of(grant)
    grant.digest = sha256(grant.text.encode()).hexdigest()
    return grant


def _begin(
    session: Session, office: Office, principal: Principal | None, grant: Grant, now: datetime
) -> None:
    """The contract is complete: readers are told, and the one that it replaces ends."""
    records.begun(session, grant)
    old = session.get(Grant, grant.supersedes) if grant.supersedes else None
    if old is None or old.state_at(now) is not State.ACTIVE:
        return
    old.revoked_at = now
    old.revoked_by = principal.id if principal is not None else HUB.id
    old.revoke_reason = f"Digantikan {grant.id}."
    session.add(old)
    records.revoked(session, office.ledger, principal, old)


def _missing(session: Session, grant: Grant) -> list[str]:
    signed = select(GrantSignature).where(GrantSignature.grant == grant.id)
    return sorted(set(SIDES) - {one.side for one in session.exec(signed)})


def _side_of(grant: Grant, agency: str) -> str:
    for side, party in (("producer", grant.producer), ("consumer", grant.grantee_agency)):
        if party == agency:
            return side
    raise NotPermitted(
        f"{agency} bukan pihak dalam kontrak {grant.id}.",
        f"{agency} is no party to contract {grant.id}.",
    )


def _header(jws: str) -> dict[str, object]:
    try:
        return dict(header_of(jws))
    except NotProven as wrong:
        raise InvalidInput(
            "Tanda tangan harus JWS terpisah (detached): kepala..tandatangan.",
            "A signature is a detached JWS: header..signature.",
            member="jws",
        ) from wrong
