"""What the pages of the walidata's desk share: who may come, and the words for roles."""

from typing import Annotated

from fastapi import Depends, Form

from hub.agencies.actor import get_walidata
from hub.agencies.roles import Role
from hub.web.page import MemberPageDep, Page
from hub.web.translation import N_

Key = Annotated[str, Form(max_length=255)]
Word = Annotated[str, Form(max_length=200)]
Id = Annotated[str, Form(max_length=64)]

ROLES = {
    Role.STEWARD: N_("penanggung jawab data (steward)"),
    Role.HEAD: N_("kepala instansi"),
    Role.WALIDATA: N_("walidata"),
    Role.ANALYST: N_("analis"),
    Role.RW: N_("ketua RT/RW"),
    Role.EXECUTIVE: N_("pimpinan daerah"),
    Role.AUDITOR: N_("pemeriksa"),
}


async def get_desk(page: MemberPageDep) -> Page:
    """Raises NotPermitted for everybody but the walidata."""
    await get_walidata(page.reader)
    return page


DeskDep = Annotated[Page, Depends(get_desk)]
"""A page of /kelola."""
