"""What can go wrong in the hub, as one small family; `hub.problems` alone knows status codes.

HubError
├── NotAuthenticated      nobody, or nobody we know
├── NotPermitted          known, but not allowed
├── NotFound              no such thing
├── Conflict              the state of the thing does not allow it
│   ├── SchemaEnded        the notice of this major of a schema is over
│   ├── PromiseBroken      readers would get less than they were promised
│   ├── ReviewAwaited      new fields of a dataset are reviewed before they are collected
│   └── ChangedMeanwhile   somebody else changed it since the caller looked
├── IdempotencyMismatch   the same key came with another request
├── Malformed             not of the form that the protocol asks for
├── InvalidInput          understood, but not acceptable
│   ├── BatchRefused       the gate refused the batch; carries its report
│   ├── CollectedElsewhere fields that another agency holds, without a reason on record
│   └── ConditionMissing   a change that does not say which version it is of
├── TooLarge              over a limit of size
├── TooManyRequests       over a limit of rate
├── Unavailable           the hub cannot do it now; nothing was changed
│   └── EvidenceUnavailable
└── StorageFull           no room left on disk; nothing was changed

Every error carries its sentence in Indonesian and in English.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any


class HubError(Exception):
    """Base of the hub's errors. `facts` become members of the problem document."""

    def __init__(self, message_id: str, message_en: str, **facts: Any) -> None:
        super().__init__(message_en)
        self.message_id = message_id
        self.message_en = message_en
        self.facts = facts


class NotAuthenticated(HubError):
    """No credential, or one that is not valid."""


class NotPermitted(HubError):
    """The caller is known but may not do this."""


class NotFound(HubError):
    """There is no such thing, or not for this caller."""


class Conflict(HubError):
    """The thing exists in a state that does not allow this."""


class SchemaEnded(Conflict):
    """The major of a schema was superseded, and the day until which it stayed has passed."""

    def __init__(self, name: str, version: str, by: str, until: date) -> None:
        super().__init__(
            f"Skema {name}/{version} berlaku sampai {until.isoformat()} dan sudah berakhir; "
            f"pindahkan dataset ke {name}/{by}.",
            f"Schema {name}/{version} was served until {until.isoformat()} and has ended; "
            f"move the dataset to {name}/{by}.",
            schema=f"{name}/{version}",
            by=f"{name}/{by}",
            until=until.isoformat(),
        )


class PromiseBroken(Conflict):
    """A change gives those who read a dataset less; `reasons` say what, `grants` how many rest on it."""

    def __init__(self, reasons: Sequence[Mapping[str, str]], grants: int, earliest: date) -> None:
        said = [" ".join(reason[f"message_{lang}"] for reason in reasons) for lang in ("id", "en")]
        super().__init__(
            f"{said[0]} Ada {grants} hak akses yang berlaku. Umumkan dengan notice_until "
            f"(paling awal {earliest.isoformat()}), atau sebutkan alasan mendesak di urgent.",
            f"{said[1]} {grants} live grants rest on it. Announce it with notice_until "
            f"(from {earliest.isoformat()} on), or say in urgent why it cannot wait.",
            reasons=list(reasons),
            grants=grants,
            earliest=earliest.isoformat(),
        )


class ReviewAwaited(Conflict):
    """New fields wait for their review, or must not be collected; `facts` say which and where it stands."""


class ChangedMeanwhile(Conflict):
    """The `version` of the thing is no longer the one that the caller has seen (If-Match)."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"Sudah berubah sejak Anda membukanya; sekarang versi {version}. Buka lagi, lalu ubah.",
            f"It has changed since you opened it; it is at version {version} now. Open it again.",
            version=version,
        )


class IdempotencyMismatch(HubError):
    """The same Idempotency-Key came with another request."""


class Malformed(HubError):
    """The request is not of the form that its protocol asks for; `at` names the member."""


class InvalidInput(HubError):
    """The request was understood, but what it carries is not acceptable."""


class BatchRefused(InvalidInput):
    """The gate refused a batch; `facts` carry its id, counts, report and receipt."""


class CollectedElsewhere(InvalidInput):
    """Other agencies hold fields already; `facts` carry each field with its holders and the ways out."""


class ConditionMissing(InvalidInput):
    """A change has to say which version it is of (If-Match), so that no other change is lost."""

    def __init__(self) -> None:
        super().__init__(
            "Sertakan If-Match dengan ETag versi yang Anda lihat, agar perubahan orang lain tidak hilang.",
            "Send If-Match with the ETag of the version you saw, so that no other change is lost.",
        )


class TooLarge(HubError):
    """The request is over a limit of size."""


class TooManyRequests(HubError):
    """The caller is over a limit of rate; `retry_after` is in seconds."""

    def __init__(self, message_id: str, message_en: str, *, retry_after: int) -> None:
        super().__init__(message_id, message_en, retry_after=retry_after)
        self.retry_after = retry_after


class Unavailable(HubError):
    """The hub cannot do this now; nothing was changed."""


class EvidenceUnavailable(Unavailable):
    """The ledger cannot be written, so nothing leaves (no evidence, no exchange)."""


class StorageFull(HubError):
    """There is no room left on disk; nothing was changed."""
