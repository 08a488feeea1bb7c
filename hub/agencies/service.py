"""The rules of agencies, posts and holdings. Every change of authority is a ledger entry.

Who may call these is decided at the door (`hub.agencies.actor`); `by` is who does it.
"""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, or_, select

from hub.agencies.models import Agency, AgencyKind, HolderKind, Holding, Post
from hub.agencies.principal import Principal
from hub.agencies.roles import Role
from hub.auth.service import the_client, the_person
from hub.errors import Conflict, InvalidInput, NotFound
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger


def create_agency(
    session: Session,
    ledger: Ledger,
    by: Actor,
    *,
    code: str,
    name: str,
    now: datetime,
    kind: AgencyKind = AgencyKind.OTHER,
    parent: str | None = None,
    satker_code: str = "",
) -> Agency:
    if session.get(Agency, code) is not None:
        raise _exists(code)
    if parent is not None:
        the_agency(session, parent)
    agency = Agency(
        code=code, name=name, kind=kind, parent=parent, satker_code=satker_code, created_at=now
    )
    session.add(agency)
    try:
        session.flush()  # of two that enter one code at the same time one meets the other here
    except IntegrityError as error:
        raise _exists(code) from error
    ledger.record(
        session, kind="agency.created", actor=by, target=Target("agency", code, owner=code)
    )
    return agency


def change_agency(
    session: Session,
    ledger: Ledger,
    by: Actor,
    code: str,
    *,
    name: str | None = None,
    kind: AgencyKind | None = None,
    parent: str | None = None,
    satker_code: str | None = None,
    active: bool | None = None,
) -> Agency:
    """Change what is given; switching an agency off takes its posts' authority away at once."""
    agency = the_agency(session, code)
    if active is False and by.agency == code:
        raise Conflict(
            "Anda tidak dapat menonaktifkan instansi Anda sendiri.",
            "You cannot switch off your own agency.",
            agency=code,
        )
    if parent is not None:
        _refuse_circle(session, code, parent)
    changes = {
        "name": name,
        "kind": kind,
        "parent": parent,
        "satker_code": satker_code,
        "active": active,
    }
    for field, value in changes.items():
        if value is not None:
            setattr(agency, field, value)
    ledger.record(
        session, kind="agency.changed", actor=by, target=Target("agency", code, owner=code)
    )
    return agency


def the_agency(session: Session, code: str) -> Agency:
    agency = session.get(Agency, code)
    if agency is None:
        raise NotFound(f"Tidak ada instansi {code}.", f"There is no agency {code}.")
    return agency


def list_agencies(session: Session, *, after: str | None = None, limit: int = 100) -> list[Agency]:
    """Agencies by code, from the one after `after`."""
    wanted = select(Agency).order_by(col(Agency.code)).limit(limit)
    if after is not None:
        wanted = wanted.where(col(Agency.code) > after)
    return list(session.exec(wanted))


def count_agencies(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Agency)).one()


def create_post(
    session: Session, ledger: Ledger, by: Actor, *, agency: str, title: str, role: Role
) -> Post:
    the_agency(session, agency)
    post = Post(agency=agency, title=title, role=role)
    session.add(post)
    session.flush()  # holdings made in the same transaction refer to it
    ledger.record(
        session, kind="post.created", actor=by, target=Target("post", post.id, owner=agency)
    )
    return post


def the_post(session: Session, post_id: str) -> Post:
    post = session.get(Post, post_id)
    if post is None:
        raise _no_post()
    return post


def visible_post(session: Session, actor: Principal, post_id: str) -> Post:
    """A post whose holders the actor may see: her own agency's, or any for the walidata."""
    post = the_post(session, post_id)
    if actor.has(Role.WALIDATA) or actor.is_member_of(post.agency):
        return post
    raise _no_post()


def list_posts(
    session: Session, agency: str, *, after: str | None = None, limit: int = 100
) -> list[Post]:
    """Posts of an agency by id, from the one after `after`."""
    wanted = select(Post).where(Post.agency == agency).order_by(col(Post.id)).limit(limit)
    if after is not None:
        wanted = wanted.where(col(Post.id) > after)
    return list(session.exec(wanted))


def all_posts(session: Session) -> list[Post]:
    """Posts of all agencies that are active, by agency and title."""
    wanted = (
        select(Post)
        .join(Agency, col(Agency.code) == col(Post.agency))
        .where(col(Agency.active))
        .order_by(col(Post.agency), col(Post.title), col(Post.id))
    )
    return list(session.exec(wanted))


def begin_holding(
    session: Session,
    ledger: Ledger,
    by: Actor,
    *,
    post: str,
    holder_kind: HolderKind,
    holder: str,
    since: datetime,
    until: datetime | None = None,
) -> Holding:
    """Seat a person or a program on a post from `since`, until (not at) `until`."""
    seat = the_post(session, post)
    if until is not None and until <= since:
        raise InvalidInput(
            "until harus sesudah since.", "until must be after since.", field="until"
        )
    if holder_kind is HolderKind.PERSON:
        the_person(session, holder)
    else:
        the_client(session, holder)
    _refuse_second_seat(session, post, holder_kind, holder, since)
    holding = Holding(post=post, holder_kind=holder_kind, holder=holder, since=since, until=until)
    session.add(holding)
    session.flush()  # the next look at the seat must see it
    ledger.record(
        session,
        kind="post.taken",
        actor=by,
        target=Target("holding", holding.id, owner=seat.agency),
    )
    return holding


def end_holding(
    session: Session, ledger: Ledger, by: Actor, holding_id: str, *, now: datetime
) -> Holding:
    """Take the authority of the post away now; Conflict when it had ended already."""
    holding = session.get(Holding, holding_id)
    if holding is None:
        raise NotFound("Tidak ada pemangku itu.", "There is no such holding.")
    if holding.until is not None and holding.until <= now:
        raise Conflict("Masa jabatan ini sudah berakhir.", "This holding has already ended.")
    holding.until = now
    owner = the_post(session, holding.post).agency
    ledger.record(
        session, kind="post.left", actor=by, target=Target("holding", holding.id, owner=owner)
    )
    return holding


def list_holdings(
    session: Session, post: str, *, after: str | None = None, limit: int = 100
) -> list[Holding]:
    """Holdings of a post by id, ended ones too, from the one after `after`."""
    wanted = select(Holding).where(Holding.post == post).order_by(col(Holding.id)).limit(limit)
    if after is not None:
        wanted = wanted.where(col(Holding.id) > after)
    return list(session.exec(wanted))


def _refuse_circle(session: Session, code: str, parent: str) -> None:
    above: str | None = parent
    while above is not None:
        if above == code:
            raise Conflict(
                "Instansi tidak dapat menjadi bagian dari dirinya sendiri.",
                "An agency cannot be a part of itself.",
                agency=code,
                parent=parent,
            )
        above = the_agency(session, above).parent


def _refuse_second_seat(
    session: Session, post: str, holder_kind: HolderKind, holder: str, since: datetime
) -> None:
    seated = select(Holding).where(
        Holding.post == post,
        Holding.holder_kind == holder_kind,
        Holding.holder == holder,
        or_(col(Holding.until).is_(None), col(Holding.until) > since),
    )
    if session.exec(seated).first() is not None:
        raise Conflict("Jabatan ini sudah dipegangnya.", "The post is already held by this one.")


def _no_post() -> NotFound:
    return NotFound("Tidak ada jabatan itu.", "There is no such post.")


def _exists(code: str) -> Conflict:
    return Conflict(f"Instansi {code} sudah ada.", f"The agency {code} exists.", agency=code)
