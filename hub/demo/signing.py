"""The keys of two agencies of the demonstration, in files outside the hub's home, and what they signed."""

from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, select

from hub.agencies.principal import Principal, principal_of
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.calendar import BusinessClock, real_now
from hub.db import unit_of_work
from hub.grants import jws, keys, service
from hub.grants.models import Grant
from hub.grants.verify import public_jwk
from hub.ledger.service import Ledger
from hub.proceedings.office import Office
from hub.settings import Settings

OWNERS = {"bpbj": ("head", "head"), "bappeda": ("walidata", "analyst")}
"""Agency to the people who register its key and who hand in what it signed; bappeda's head is nobody here."""


def folder(settings: Settings) -> Path:
    """Beside the home and not in it: the hub holds no private key of an agency."""
    home = settings.home.absolute()
    return home.with_name(f"{home.name}-instansi")


def key_files(settings: Settings) -> dict[str, Path]:
    return {agency: folder(settings) / f"{agency}.jwk" for agency in OWNERS}


def sign_all(
    settings: Settings, engine: Engine, ledger: Ledger, clock: BusinessClock, ids: dict[str, str]
) -> int:
    """Register both keys, sign every grant between the two with both; returns how many. `ids` are people's."""
    made = {agency: _key(path) for agency, path in key_files(settings).items()}
    with unit_of_work(engine) as session:
        for agency, (registers, _) in OWNERS.items():
            keys.register(
                session,
                ledger,
                _somebody(session, ids[registers]),
                agency,
                name=f"Kunci {agency.upper()} (peragaan)",
                jwk=public_jwk(made[agency].public_key()),
                now=real_now(),
            )
        session.flush()  # the signatures name the keys
        between = (Grant.producer == "bpbj", Grant.grantee_agency == "bappeda")
        grants = session.exec(select(Grant).where(*between)).all()
        for grant in grants:
            for agency, (_, hands_in) in OWNERS.items():
                who = _somebody(session, ids[hands_in])
                signature = jws.sign(made[agency], grant.text)
                service.sign(session, Office(ledger, clock), who, grant.id, signature)
        return len(grants)


def _key(path: Path) -> jws.PrivateKey:
    """The one that an earlier demonstration left, or a new one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        jws.write_key(jws.new_key(), path)
    return jws.read_key(path)


def _somebody(session: Session, person: str) -> Principal:
    identity = Identity("person", person, "", scopes.ALL, "session")
    return principal_of(session, identity, now=real_now())
