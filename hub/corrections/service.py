"""Looking at reports and moving them: who sees which, what is shown to whom, who decides."""

from sqlalchemy import ColumnElement, func, or_, true
from sqlmodel import Session, col, select

from catalog import releases
from catalog.marks import Mark
from hub.access.vault import Vault
from hub.agencies.principal import Principal
from hub.agencies.roles import OWNING_ROLES, Role
from hub.corrections.models import CorrectionJoined, CorrectionReport
from hub.corrections.shapes import MoveOut, ReportLine, ReportOut, Said, StepOut
from hub.corrections.subject import BY_STATEMENT, CorrectionSubject
from hub.errors import Conflict, NotFound
from hub.proceedings import machine, parties
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office
from hub.rules import mandates

SEES_ALL = (Role.WALIDATA, Role.AUDITOR)


def listed(
    session: Session,
    principal: Principal,
    *,
    before: str | None,
    limit: int,
    dataset: str | None = None,
    open_only: bool = False,
) -> list[CorrectionReport]:
    """Mine, those of my agencies, and those on my agencies' data; newest first. The walidata sees all."""
    wanted = select(CorrectionReport).where(_visible(session, principal))
    if before is not None:
        wanted = wanted.where(col(CorrectionReport.id) < before)
    if dataset is not None:
        wanted = wanted.where(CorrectionReport.dataset == dataset)
    if open_only:
        ended = select(Proceeding.id).where(col(Proceeding.ends_at).is_not(None))
        wanted = wanted.where(col(CorrectionReport.id).not_in(ended))
    return list(session.exec(wanted.order_by(col(CorrectionReport.id).desc()).limit(limit)))


def the_report(
    session: Session, vault: Vault, principal: Principal, report_id: str
) -> CorrectionReport:
    """One that the caller may see: by the list's rule, or because she may read the cell; else NotFound."""
    wanted = select(CorrectionReport).where(CorrectionReport.id == report_id)
    found = session.exec(wanted.where(_visible(session, principal))).first()
    if found is None:
        found = session.get(CorrectionReport, report_id)
        if found is None or not _readable(session, vault, principal, found):
            raise NotFound(
                f"Tidak ada laporan {report_id[:40]}.", f"There is no report {report_id[:40]}."
            )
    return found


def move(
    session: Session,
    vault: Vault,
    office: Office,
    principal: Principal,
    report_id: str,
    event: str,
    reason: str,
) -> None:
    """Move a report; raises what the machine raises, NotFound for one that the caller does not see.

    That it was corrected can only be said when the latest release no longer holds the value: Conflict.
    """
    report = the_report(session, vault, principal, report_id)
    if event == BY_STATEMENT:
        _check_corrected(session, vault, report)
    machine.move(session, office, principal, CorrectionSubject(), report_id, event, reason=reason)


def line(session: Session, principal: Principal, report: CorrectionReport) -> ReportLine:
    proceeding = session.get_one(Proceeding, report.id)
    state = machine.procedure_of(session, proceeding).states[proceeding.state]
    return ReportLine(
        id=report.id,
        dataset=report.dataset,
        field=report.field,
        release=report.release,
        agency=report.agency,
        at=report.at,
        state=state.name,
        look=state.look,
        title_id=state.title.id,
        title_en=state.title.en,
        entered_at=proceeding.entered_at,
        due_at=proceeding.due_at,
        reporters=1 + _joined(session, report.id),
        mine=_is_mine(session, principal, report),
        fixed_in=report.fixed_in,
    )


def waits_for(session: Session, principal: Principal, report_id: str) -> bool:
    """Whether it is the caller's turn."""
    proceeding = session.get_one(Proceeding, report_id)
    state = machine.procedure_of(session, proceeding).states[proceeding.state]
    party = state.waits_for
    return party is not None and parties.speaks(session, principal, proceeding, party)


def told(
    session: Session, vault: Vault, principal: Principal, report: CorrectionReport
) -> ReportOut:
    """With its history, what the caller may do, and the values when she may see them."""
    proceeding = session.get_one(Proceeding, report.id)
    procedure = machine.procedure_of(session, proceeding)
    mark = session.get_one(Mark, report.id)
    mine = _is_mine(session, principal, report)
    readable = report.reporter == principal.id or _readable(session, vault, principal, report)
    party = mine or _decides(session, principal, report)
    return ReportOut(
        **line(session, principal, report).model_dump(),
        mark=mark.says if mark.closed_at is None else None,
        evidence=report.evidence if party else "",
        evidence_entry=report.evidence_entry if party else "",
        said=_said(report, party=party) if readable else None,
        told=report.told,
        possible=[
            MoveOut(
                event=one.event,
                title_id=one.title.id,
                title_en=one.title.en,
                needs_reason=one.needs_reason,
            )
            for one in machine.possible(session, principal, CorrectionSubject(), proceeding)
        ],
        history=[
            StepOut(
                at=step.at,
                event=step.event,
                title_id=procedure.states[step.to_state].title.id,
                title_en=procedure.states[step.to_state].title.en,
                post_title=step.post_title,
                by_clock=step.by_clock,
                reason=step.reason if party else "",
                entry=step.entry,
            )
            for step in machine.history(session, report.id)
        ],
    )


def _said(report: CorrectionReport, *, party: bool) -> Said:
    suggested = report.suggested if party else None
    return Said(row=report.key, observed=report.observed, suggested=suggested)


def _visible(session: Session, principal: Principal) -> ColumnElement[bool]:
    if _sees_all(session, principal):
        return true()
    joined = select(CorrectionJoined.report)
    mine = joined.where(
        or_(
            col(CorrectionJoined.reporter) == principal.id,
            col(CorrectionJoined.reporter_agency).in_(_read_for(principal)),
        )
    )
    return or_(
        col(CorrectionReport.reporter) == principal.id,
        col(CorrectionReport.reporter_agency).in_(_read_for(principal)),
        col(CorrectionReport.agency).in_(_owned(principal)),
        col(CorrectionReport.id).in_(mine),
    )


def _sees_all(session: Session, principal: Principal) -> bool:
    return any(principal.has(role) for role in SEES_ALL) or mandates.carries(
        session, principal, "sekda"
    )


def _owned(principal: Principal) -> list[str]:
    return sorted({post.agency for post in principal.posts if post.role in OWNING_ROLES})


def _read_for(principal: Principal) -> list[str]:
    """Agencies for which somebody reads data; other posts in them see no more than outsiders."""
    return sorted({post.agency for post in principal.posts if post.role in parties.ASKING_ROLES})


def _decides(session: Session, principal: Principal, report: CorrectionReport) -> bool:
    return report.agency in _owned(principal) or _sees_all(session, principal)


def _is_mine(session: Session, principal: Principal, report: CorrectionReport) -> bool:
    """Whether the caller, or an agency for which she reads, reported it or joined."""
    agencies = _read_for(principal)
    if report.reporter == principal.id or report.reporter_agency in agencies:
        return True
    joined = select(CorrectionJoined).where(CorrectionJoined.report == report.id)
    return any(
        one.reporter == principal.id or one.reporter_agency in agencies
        for one in session.exec(joined)
    )


def _joined(session: Session, report_id: str) -> int:
    return session.exec(select(func.count()).where(CorrectionJoined.report == report_id)).one()


def _readable(
    session: Session, vault: Vault, principal: Principal, report: CorrectionReport
) -> bool:
    """Whether she may read the cell now, in the release in which it was reported."""
    if not principal.reaches(report.dataset):
        return False
    release = releases.by_number(session, report.dataset, report.release)
    return vault.readable(session, principal, release, report.key, report.field)


def _check_corrected(session: Session, vault: Vault, report: CorrectionReport) -> None:
    latest = releases.latest(session, report.dataset)
    mark = session.get_one(Mark, report.id)
    if latest is None:
        return
    if vault.digest(vault.cell(session, latest, mark.key, mark.field)) == mark.value:
        raise Conflict(
            f"Rilis {latest.number}, rilis terbaru, masih memuat nilai yang dilaporkan. Terbitkan "
            "dahulu rilis yang memperbaikinya; laporan ini lalu ditutup dengan sendirinya.",
            f"Release {latest.number}, the latest, still holds the reported value. Publish the release "
            "that corrects it first; this report is then closed by itself.",
            release=latest.number,
        )
