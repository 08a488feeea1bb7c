"""Which subject each procedure is about: the one place where the machine meets what it moves."""

from hub.classification.subject import PROCEDURE as CLASSES
from hub.classification.subject import RaiseSubject
from hub.corrections.subject import PROCEDURE as CORRECTIONS
from hub.corrections.subject import CorrectionSubject
from hub.debts.subject import PROCEDURE as DEBTS
from hub.debts.subject import DebtSubject
from hub.grants.ladder import PROCEDURE as REQUESTS
from hub.grants.ladder import Ladder
from hub.intake.second_person import PROCEDURE as SIGNINGS
from hub.intake.second_person import SigningSubject
from hub.openness.contests import ContestSubject
from hub.openness.measuring import CONTESTS
from hub.proceedings.subject import Subjects
from hub.reviews.subject import PROCEDURE as REVIEWS
from hub.reviews.subject import ReviewSubject


def subjects() -> Subjects:
    """By the name of the procedure."""
    return {
        REQUESTS: Ladder(),
        CONTESTS: ContestSubject(),
        REVIEWS: ReviewSubject(),
        CLASSES: RaiseSubject(),
        DEBTS: DebtSubject(),
        CORRECTIONS: CorrectionSubject(),
        SIGNINGS: SigningSubject(),
    }
