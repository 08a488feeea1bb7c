"""The pages, as one router for the app."""

from fastapi import APIRouter

from hub.web.pages import catalog, dataset, first, release, signing_in

router = APIRouter(include_in_schema=False)
for page in (first, catalog, dataset, release, signing_in):
    router.include_router(page.router)
