"""Sends what is due by mail and is killed (SIGKILL) when the server has the mail and we have not noted it.

Arguments: URL of the database, port of the mail server.
"""

import dataclasses
import os
import signal
import sys
from datetime import datetime

from hub.db import open_engine
from hub.notices.channels import Channels, MailServer, Parcel
from hub.notices.models import Channel
from hub.notices.rendering import House
from hub.notices.sending import send_due


@dataclasses.dataclass(frozen=True)
class Dying(MailServer):
    def send(self, house: House, parcel: Parcel, now: datetime) -> None:
        super().send(house, parcel, now)
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    url, port = sys.argv[1:]
    server = Dying("127.0.0.1", int(port), "", "", False, "simpul@contoh.invalid")
    house = House("https://simpul.contoh.invalid", "Kabupaten Contoh")
    send_due(
        open_engine(url),
        Channels(house, {Channel.SMTP: server}, False),
        Channel.SMTP,
        key=bytes(32),
    )
