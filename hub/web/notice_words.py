"""Words of notices and of what became of them; Indonesian, translated where shown."""

from hub.notices import addressing, channels, sending
from hub.notices.models import Channel, OutgoingState
from hub.web.translation import N_

CHANNELS = {
    Channel.SMTP: N_("Email"),
    Channel.PHONE: N_("Pesan ponsel"),
    Channel.WEBHOOK: N_("Webhook instansi"),
}
STATES = {
    OutgoingState.WAITING: ("warn", N_("menunggu dikirim")),
    OutgoingState.SENT: ("good", N_("terkirim")),
    OutgoingState.FAILED: ("late", N_("gagal, dicoba lagi")),
    OutgoingState.GIVEN_UP: ("late", N_("gagal, tidak dicoba lagi")),
    OutgoingState.UNSENT: ("idle", N_("tidak dikirim")),
}
"""Shape and colour of the stylesheet, word."""
SHOWN_ONLY = ("idle", N_("tidak dikirim (peragaan)"))
REASONS = {
    addressing.NO_ADDRESS: N_("tidak ada alamat yang dapat dipakai"),
    sending.LEFT_POST: N_("jabatannya sudah dipegang orang lain; pesannya pindah"),
    sending.NO_WEBHOOK: N_("webhook sudah dihapus"),
    channels.FORBIDDEN: N_("alamatnya di jaringan dalam, dan tidak diizinkan"),
    channels.NO_NAME: N_("nama servernya tidak ditemukan"),
    channels.NO_TLS: N_("tidak ada TLS yang tepercaya"),
    channels.UNREACHABLE: N_("servernya tidak dapat dihubungi"),
    channels.NO_ANSWER: N_("terlalu lama menjawab"),
    channels.BROKEN: N_("sambungan terputus"),
    sending.OTHER_KEY: N_("rahasianya tersegel dengan kunci lain; setel ulang webhook"),
}
"""What a row says of why; other words come from the receiver (smtp 550, http 500)."""


def state_of(state: OutgoingState, reason: str) -> tuple[str, str]:
    return SHOWN_ONLY if reason == addressing.SHOWN_ONLY else STATES[state]


def reason_of(reason: str) -> str:
    """Empty where the state says all."""
    return "" if reason == addressing.SHOWN_ONLY else REASONS.get(reason, reason)
