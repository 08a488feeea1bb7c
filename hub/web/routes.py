"""The pages, as one router for the app."""

from fastapi import APIRouter

from hub.web.pages import (
    account,
    account_proofs,
    administration_agencies,
    administration_calendar,
    administration_front,
    administration_handover,
    administration_people,
    administration_priority,
    administration_rosters,
    administration_slips,
    aggregates,
    authorizing,
    catalog,
    dataset,
    drafts,
    entering_by_code,
    first,
    lead_time,
    notices,
    notices_outgoing,
    notices_ways,
    outside,
    publishing,
    reference,
    release,
    reports,
    requests,
    reviews,
    schemas,
    score_contests,
    scores,
    signing_in,
    sources,
    usage,
    verifying,
    workbench,
)

router = APIRouter(include_in_schema=False)
for page in (
    first,
    catalog,
    dataset,
    release,
    requests,
    reviews,
    schemas,
    sources,
    drafts,  # before publishing, whose paths begin with an agency
    publishing,
    reference,
    reports,
    notices_outgoing,  # before the inbox, whose ids would take its place
    notices_ways,
    notices,
    signing_in,
    entering_by_code,
    outside,
    account_proofs,
    authorizing,
    account,
    administration_front,
    administration_handover,
    administration_rosters,  # before people, whose ids would take its place
    administration_slips,
    administration_calendar,
    administration_agencies,
    administration_priority,
    administration_people,
    usage,
    lead_time,  # before the index, whose agencies would take its place
    score_contests,  # before the index, whose components would take its place
    scores,
    workbench,
    aggregates,
    verifying,
):
    router.include_router(page.router)
