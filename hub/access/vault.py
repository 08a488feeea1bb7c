"""A cell of a release for the hub itself: what it holds, whom its row is about, who is shown it."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlmodel import Session

from catalog import marking, releases
from catalog.marking import Cell, Digest
from catalog.marks import Mark, OpenMark
from catalog.models import Dataset, Release
from catalog.policy import Policy
from catalog.storage import from_json
from hub.access import inputs
from hub.access.decision import decide, salt_of
from hub.access.judging import Action, policy_of
from hub.access.subjects import BOOK, hashes_of, subject_of
from hub.agencies.principal import Principal
from hub.auth.sealing import key_from
from hub.calendar import real_now
from hub.grants.models import Grant
from hub.rules import service as rules
from hub.settings import Settings
from hub.standards import service as standards
from schemas.arrow import arrow_schema
from schemas.document import SchemaDocument


@dataclass(frozen=True)
class Pointable:
    """The columns by which a reader names a row, and those whose values he sees."""

    document: SchemaDocument
    key: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Vault:
    """Where releases lie, and the key of digests: what the hub needs to look at a cell for itself."""

    storage: Path
    secret: bytes

    @classmethod
    def of(cls, settings: Settings) -> "Vault":
        return cls(settings.storage, key_from(settings.secret_key, settings.keys))

    def _behind(self, session: Session, release: Release) -> dict[str, Any]:
        dataset = session.get_one(Dataset, release.dataset)
        document = standards.find(session, release.schema_name, release.schema_version)
        return {
            "table": self.storage / dataset.agency / dataset.slug,
            "manifest": from_json(release.files),
            "schema": arrow_schema(document),
            "key": document.key,
        }

    def cell(
        self, session: Session, release: Release, at: Mapping[str, str], field: str
    ) -> Cell | None:
        """What a release holds in a cell; None when it holds no such cell."""
        read = self._behind(session, release)
        if field not in read["schema"].names:
            return None
        return marking.value(**read, at=at, field=field)

    def digest(self, found: Cell | None) -> str | None:
        return None if found is None else digest_of(self.secret)(found.text)

    def subject(self, session: Session, release: Release, at: Mapping[str, str]) -> bytes | None:
        """The keyed hash of the person whom a row is about, as reads record it; None for nobody."""
        document = standards.find(session, release.schema_name, release.schema_version)
        names = rules.current(session, BOOK).body["subjects"]["names"]
        column, kind = subject_of(document, names)
        found = None if column is None else self.cell(session, release, at, column)
        hashes = [] if found is None else hashes_of(self.secret, kind, [found.text])
        return hashes[0] if hashes else None

    def shows(self, session: Session, grant: Grant, release: Release, mark: Mark) -> bool:
        """Whether a grant shows the marked cell in a release, be it masked."""
        dataset = session.get_one(Dataset, release.dataset)
        document = standards.find(session, release.schema_name, release.schema_version)
        body = inputs.of_grant(grant, None).body
        given = policy_of(body, inputs.of_dataset(dataset, [document]).body)
        policy = Policy(given.columns, given.filter, given.masks, salt_of(self.secret, body))
        one = OpenMark(tuple(sorted(mark.key.items())), mark.field, mark.value, mark.says)
        read = self._behind(session, release)
        digest = digest_of(self.secret)
        return marking.shown(**read, policy=policy, marks=[one], digest=digest).count > 0

    def pointable(
        self, session: Session, principal: Principal, dataset_id: str
    ) -> Pointable | None:
        """How somebody names a cell of the latest release; None when he reads no release, or no key."""
        dataset = session.get(Dataset, dataset_id)
        release = None if dataset is None else releases.latest(session, dataset.id)
        if dataset is None or release is None:
            return None
        now = real_now()
        made = decide(session, principal, Action.ROWS, dataset, now=now, releases=[release])
        policy = made.policy(self.secret)
        document = standards.find(session, release.schema_name, release.schema_version)
        names = dict.fromkeys(document.columns, "")
        if policy is None or not policy.tells_apart(names, document.key):
            return None
        return Pointable(document, document.key, tuple(policy.clear(names)))

    def readable(
        self,
        session: Session,
        principal: Principal,
        release: Release,
        at: Mapping[str, str],
        field: str,
    ) -> bool:
        """Whether somebody may read a cell at this moment, its key and its value."""
        dataset = session.get_one(Dataset, release.dataset)
        now = real_now()
        made = decide(session, principal, Action.ROWS, dataset, now=now, releases=[release])
        policy = made.policy(self.secret)
        if policy is None or not set(at) <= policy.clear(dict.fromkeys(at, "")).keys():
            return False
        read = self._behind(session, release)
        return marking.cell(**read, policy=policy, at=at, field=field) is not None


def digest_of(secret: bytes) -> Digest:
    """Keyed, so that a short value cannot be guessed from what is kept of it."""

    def digest(text: str | None) -> str:
        told = b"\0" if text is None else b"\1" + text.encode()
        return hmac.new(secret, b"simpul cell\0" + told, sha256).hexdigest()

    return digest
