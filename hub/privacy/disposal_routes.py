"""HTTP of certificates of disposal."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from hub.agencies.actor import ActorDep
from hub.deps import Page, PageDep, ReadingDep, SettingsDep
from hub.privacy import certificates
from hub.privacy.models import Disposal
from hub.privacy.retention import faults_of

router = APIRouter(prefix="/api/v1/disposals", tags=["privacy"])


class DisposalOut(BaseModel):
    """`what` is by counts and digests; `entry` is the ledger's; `gone_at` when nothing was left on disk."""

    id: str
    kind: str
    dataset: str | None
    what: dict[str, Any]
    digest: str
    rule: str
    days: int
    rules: int
    at: datetime
    gone_at: datetime | None
    entry: str


class Verified(BaseModel):
    """`gone` when nothing is left and the certificate is as the ledger proves it; else `faults` say why."""

    id: str
    gone: bool
    faults: list[str]


def disposal_out(row: Disposal) -> DisposalOut:
    return DisposalOut(**row.model_dump())


@router.get("")
def disposals(session: ReadingDep, actor: ActorDep, page: PageDep) -> Page[DisposalOut]:
    """Certificates, newest first: the desk and auditors all, an agency those of its datasets."""
    rows = certificates.listed(session, actor, limit=page.fetch, before=page.word)
    return page.of(rows, lambda row: (row.id,), disposal_out)


@router.get("/{disposal_id}/verification")
def verification(
    session: ReadingDep, settings: SettingsDep, actor: ActorDep, disposal_id: str
) -> Verified:
    """Look again on disk, in the database and in the ledger whether what the certificate names is gone."""
    row = certificates.one(session, actor, disposal_id)
    faults = faults_of(session, settings, row)
    return Verified(id=row.id, gone=not faults, faults=faults)
