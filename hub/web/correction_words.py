"""What a mark says, as pages show it; the rows carry the Indonesian words alone."""

from catalog import marks
from hub.web.translation import N_

MARKS = {
    marks.UNDER_RESEARCH: N_("dalam penelitian"),
    marks.UNANSWERED: N_("pemilik belum menjawab"),
    marks.CONFIRMED: N_("dinyatakan benar oleh pemilik"),
    marks.ADMITTED: N_("diakui salah, menunggu perbaikan"),
}
