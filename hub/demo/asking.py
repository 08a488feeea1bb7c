"""What the demonstration's analyst has asked for already: some grants stand, one request waits."""

from sqlalchemy import Engine

from hub.agencies.principal import principal_of
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.calendar import BusinessClock, real_now
from hub.db import unit_of_work
from hub.grants import asking
from hub.grants.service import Wanted
from hub.ledger.service import Ledger
from hub.proceedings.office import Office

WISHES = {
    "bpbj/paket-nontender": "Mencocokkan paket dengan pagu sub kegiatan",
    "bpbj/hasil-nontender": "Membandingkan hasil pemilihan dengan pagu",
    "bpbj/paket-tender": "Mencocokkan paket dengan pagu sub kegiatan",
    "bpbj/kontrak-tender": "Evaluasi RKPD triwulan III: nilai kontrak terhadap pagu",
}
"""Purpose by dataset. BERBAGI opens at once; the last one is TERBATAS and waits for its producer."""
BASIS = "Tugas pokok Bidang Pengendalian dan Evaluasi (sintetis)"


def ask(engine: Engine, ledger: Ledger, clock: BusinessClock, person: str) -> int:
    """Ask as the person with this id; returns how many grants were given at once."""
    identity = Identity("person", person, "", scopes.ALL, "session")
    office = Office(ledger, clock)
    given = 0
    for dataset, purpose in WISHES.items():
        with unit_of_work(engine) as session:
            principal = principal_of(session, identity, now=real_now())
            wanted = Wanted(purpose, BASIS, None, None, None)
            _, grant = asking.ask(session, office, principal, dataset, wanted)
            given += grant is not None
    return given
