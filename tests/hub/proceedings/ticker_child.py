"""Ticks once, as a worker does; killed (SIGKILL) inside its nth telling.

Arguments: URL of the database, home, moment (ISO, local), number of tellings up to the kill (0: never).
"""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session

from hub.calendar import StoppedClock
from hub.db import open_engine
from hub.grants.ladder import Ladder
from hub.ledger.service import Ledger
from hub.proceedings import ticking
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office
from hub.proceedings.procedure import Words
from hub.settings import Settings


class Dying(Ladder):
    """Killed when a step is written and its transaction is not yet over."""

    left = 0

    def title(self, session: Session, proceeding: Proceeding) -> Words:
        Dying.left -= 1
        if Dying.left == 0:
            session.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().title(session, proceeding)


def main(url: str, home: str, text: str, left: str) -> None:
    zone = ZoneInfo("Asia/Makassar")
    moment = datetime.fromisoformat(text).replace(tzinfo=zone)
    settings = Settings(home=Path(home), database_url=url)
    Dying.left = int(left)
    office = Office(Ledger.of(settings), StoppedClock(zone, moment=moment))
    ticked = ticking.tick(open_engine(url), office, {"permintaan-data": Dying()}, now=moment)
    sys.stdout.write(f"{ticked.moved} {ticked.told} {ticked.failed}")


if __name__ == "__main__":
    main(*sys.argv[1:])
