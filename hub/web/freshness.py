"""How a page tells whether a dataset keeps its promise."""

from hub.access.descriptions import DatasetLine
from hub.calendar import working_days_between
from hub.openness.freshness import Promise
from hub.web.page import Page
from hub.web.translation import N_


def promise_of(dataset: DatasetLine) -> Promise:
    published_at = dataset.release.published_at if dataset.release else None
    return Promise(dataset.frequency, dataset.data_date, published_at)


def kept(page: Page, promise: Promise) -> tuple[str, str]:
    """Shape and sentence of the status: is the promise kept on this business day?"""
    if promise.published_at is None:
        return "idle", page.say(N_("Belum ada rilis"))
    local = page.clock.local()
    due = promise.due_on(page.settings.zone, local)
    if due is None:
        return "idle", page.say(N_("Tanpa jadwal"))
    today = page.clock.today()
    if due < today:
        late = max(1, working_days_between(due, today, local))
        return "late", page.counted(N_("Terlambat {n} hari kerja"), late)
    if due == today:
        return "warn", page.say(N_("Jatuh tempo hari ini"))
    return "good", page.say(N_("Tepat waktu"))
