"""Refusals of this storey.

NotAuthenticated
├── InvalidToken      a credential came, but it is no good (RFC 6750 §3.1)
└── WrongPassword     sign-in refused; never says which half was wrong
NotPermitted
└── CrossSite         a browser was sent here by another site
"""

from hub.errors import NotAuthenticated, NotPermitted


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


class CrossSite(NotPermitted):
    def __init__(self) -> None:
        super().__init__(
            "Permintaan ini datang dari situs lain, jadi tidak dijalankan.",
            "This request came from another site, so it was not carried out.",
        )
