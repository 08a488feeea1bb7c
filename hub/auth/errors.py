"""Refusals of this storey.

NotAuthenticated
├── InvalidToken      a credential came, but it is no good (RFC 6750 §3.1)
├── WrongPassword     sign-in refused; never says which half was wrong
├── WrongCode         the second proof was wrong, old or used before
├── NotHalfWay        the second proof came without a first one, or too late
└── AttemptGone       somebody came back from the provider, but not from where she was sent
NotPermitted
├── CrossSite         a browser was sent here by another site
├── OutsideRefused    what the outside provider says is not believed
└── NotKnownHere      the outside provider vouches for somebody who has no account
Unavailable
└── ProviderSilent    the outside provider does not answer as it should
"""

from hub.errors import NotAuthenticated, NotPermitted, Unavailable


class InvalidToken(NotAuthenticated):
    """Expired, revoked, forged or unknown: the answer does not say which."""

    def __init__(self) -> None:
        super().__init__(
            "Token atau sesi tidak berlaku. Masuk lagi atau minta token baru.",
            "The token or session is not valid. Sign in again or ask for a new token.",
            error="invalid_token",
        )


class WrongPassword(NotAuthenticated):
    def __init__(self) -> None:
        super().__init__(
            "Nama pengguna atau kata sandi tidak cocok.",
            "The user name or the password does not match.",
        )


class WrongCode(NotAuthenticated):
    def __init__(self) -> None:
        super().__init__(
            "Kode ini salah, sudah lewat, atau sudah dipakai. Tunggu kode berikutnya, lalu coba lagi.",
            "This code is wrong, too old or was used before. Wait for the next one and try again.",
            field="code",
        )


class NotHalfWay(NotAuthenticated):
    def __init__(self) -> None:
        super().__init__(
            "Langkah pertama sudah lewat waktunya. Masuk lagi dari awal.",
            "The first step is too long ago. Sign in again from the beginning.",
        )


class AttemptGone(NotAuthenticated):
    def __init__(self) -> None:
        super().__init__(
            "Masuk ini sudah lewat waktunya, sudah dipakai, atau dimulai di peramban lain. Mulai lagi.",
            "This sign-in is too old, was used before or began in another browser. Start again.",
        )


class CrossSite(NotPermitted):
    def __init__(self) -> None:
        super().__init__(
            "Permintaan ini datang dari situs lain, jadi tidak dijalankan.",
            "This request came from another site, so it was not carried out.",
        )


class OutsideRefused(NotPermitted):
    """`why` is for the log alone: it would help nobody but a forger."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "Jawaban dari penyedia akun tidak dapat dipercaya, jadi Anda belum masuk. Mulai lagi; bila "
            "berulang, beri tahu walidata.",
            "The account provider's answer could not be trusted, so you are not signed in. Start "
            "again; if it happens again, tell the walidata.",
        )
        self.why = why


class NotKnownHere(NotPermitted):
    def __init__(self) -> None:
        super().__init__(
            "Akun Anda di sana belum dihubungkan dengan akun di sini. Masuk dengan kata sandi lalu "
            "hubungkan di halaman Akun, atau minta walidata.",
            "Your account there is not joined to one here. Sign in with your password and join it "
            "on the page Akun, or ask the walidata.",
        )


class ProviderSilent(Unavailable):
    """`why` is for the log alone."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "Penyedia akun tidak menjawab. Coba lagi nanti, atau masuk dengan kata sandi.",
            "The account provider does not answer. Try again later, or sign in with a password.",
        )
        self.why = why
