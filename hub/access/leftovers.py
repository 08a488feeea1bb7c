"""What reading leaves on disk of a release: slices, which are dropped with it."""

from datetime import datetime

from catalog.slices import drop_unused
from hub.settings import Settings


def drop_slices(settings: Settings, *, unused_since: datetime) -> int:
    """Remove slices not used since then, whatever they are of; returns how many of them are left.

    Nobody reads a release that is disposed of, so its slices are among them. Slices grow again.
    """
    return drop_unused(settings.home.absolute() / "slices", since=unused_since.timestamp())
