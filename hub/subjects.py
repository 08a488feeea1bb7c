"""Which subject each procedure is about: the one place where the machine meets what it moves."""

from hub.grants.ladder import PROCEDURE as REQUESTS
from hub.grants.ladder import Ladder
from hub.openness.contests import ContestSubject
from hub.openness.measuring import CONTESTS
from hub.proceedings.ticking import Subjects


def subjects() -> Subjects:
    """By the name of the procedure."""
    return {REQUESTS: Ladder(), CONTESTS: ContestSubject()}
