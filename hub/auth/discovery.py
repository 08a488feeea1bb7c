"""What this server can do, in one document for OAuth and for OpenID Connect; only what exists is stated."""

from typing import Any

from hub.auth import assertions, registration, scopes
from hub.auth.core import METHODS, PROVEN
from hub.auth.tokens import ALGORITHM
from hub.auth.userinfo import CLAIMS


def metadata(issuer: str) -> dict[str, Any]:
    """RFC 8414 and OpenID Connect Discovery; where a missing member would mean yes, no is said."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "jwks_uri": f"{issuer}/oauth/jwks",
        "scopes_supported": sorted(scopes.OF_A_CLIENT),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(registration.FLOWS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claims_supported": [*CLAIMS, "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        **_proofs("token", METHODS),
        **_proofs("introspection", PROVEN),
        **_proofs("revocation", METHODS),
        "ui_locales_supported": ["id", "en"],
    }


def _proofs(endpoint: str, methods: list[str]) -> dict[str, list[str]]:
    return {
        f"{endpoint}_endpoint_auth_methods_supported": methods,
        f"{endpoint}_endpoint_auth_signing_alg_values_supported": assertions.ALGORITHMS,
    }
