"""HTTP of this storey: agencies and accounts, under one router."""

from fastapi import APIRouter

from hub.agencies.routes import accounts, agencies, calendar, desk, signing_in

router = APIRouter(prefix="/api/v1")
router.include_router(agencies.router)
router.include_router(accounts.router)
router.include_router(signing_in.router)
router.include_router(desk.router)
router.include_router(calendar.router)
