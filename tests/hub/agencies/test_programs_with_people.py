"""Programs that people sign in to: which ways back and flows a walidata may register (RFC 7591, 8252)."""

import pytest
from joserfc.jwk import ECKey

HTTPS = "https://aplikasi.example.org/kembali"
KEYS = {"keys": [ECKey.generate_key("P-256", {"kid": "a"}).as_dict(private=False)]}
OTHER = {"keys": [ECKey.generate_key("P-256", {"kid": "b"}).as_dict(private=False)]}


@pytest.fixture
def walidata(make_client):
    return make_client("walidata", "dkisp")


def register(walidata, **said):
    body = {"name": "Aplikasi (sintetis)", "scope": "data:read"} | said
    return walidata.post("/api/v1/clients", json=body)


def listed(walidata, client_id: str) -> dict:
    (found,) = (
        client
        for client in walidata.get("/api/v1/clients").json()["items"]
        if client["client_id"] == client_id
    )
    return found


def test_the_kind_of_a_program_shows_in_its_proof_and_flows(walidata):
    cases = [
        ({}, "client_secret_basic", ["client_credentials"]),
        ({"jwks": KEYS}, "private_key_jwt", ["client_credentials"]),
        (
            {"redirect_uris": [HTTPS], "scope": "openid data:read"},
            "client_secret_basic",
            ["authorization_code", "refresh_token"],
        ),
        (
            {"redirect_uris": [HTTPS], "token_endpoint_auth_method": "none"},
            "none",
            ["authorization_code", "refresh_token"],
        ),
        (
            {
                "redirect_uris": [HTTPS],
                "jwks": KEYS,
                "grant_types": ["client_credentials", "authorization_code"],
            },
            "private_key_jwt",
            ["authorization_code", "client_credentials"],
        ),
    ]
    for said, method, flows in cases:
        made = register(walidata, **said)
        assert made.status_code == 201, made.text
        assert (made.json()["client_secret"] is not None) == (method == "client_secret_basic")
        found = listed(walidata, made.json()["client_id"])
        assert (found["token_endpoint_auth_method"], found["grant_types"]) == (method, flows)
        assert found["redirect_uris"] == said.get("redirect_uris", [])


def test_what_contradicts_itself_is_refused(walidata):
    for said in (
        {"token_endpoint_auth_method": "none"},
        {"token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]},
        {"token_endpoint_auth_method": "none", "redirect_uris": [HTTPS], "jwks": KEYS},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "client_secret_basic", "jwks": KEYS},
        {"token_endpoint_auth_method": "client_secret_post"},
        {"grant_types": []},
        {"grant_types": ["implicit"]},
        {"grant_types": ["authorization_code"]},
        {"grant_types": ["refresh_token"]},
        {"grant_types": ["client_credentials"], "redirect_uris": [HTTPS]},
        {
            "token_endpoint_auth_method": "none",
            "redirect_uris": [HTTPS],
            "grant_types": ["authorization_code", "client_credentials"],
        },
    ):
        assert register(walidata, **said).status_code == 422, said


GOOD = [
    HTTPS,
    "https://aplikasi.example.org",
    "https://aplikasi.example.org:8443/a/b?c=d",
    "http://127.0.0.1/kembali",
    "http://127.0.0.1:3000/kembali",
    "http://[::1]:3000/kembali",
    "http://localhost:3000/kembali",
    "id.example.aplikasi:/kembali",
]
BAD = [
    "",
    "kembali",
    "/kembali",
    "//aplikasi.example.org/kembali",
    "http://aplikasi.example.org/kembali",
    "http://127.0.0.1.example.org/",
    "http://10.0.0.7/kembali",
    f"{HTTPS}#x",
    "https://orang@aplikasi.example.org/",
    "https://*.example.org/kembali",
    "https://aplikasi.example.org:0/",
    "https://aplikasi.example.org:99999/",
    "https://aplikasi.example.org:8443:1/",
    "https://aplikasi.example.org;script-src/",
    "https:///kembali",
    "https://aplikasi.example.org/a b",
    "https://aplikasi.example.org/é",
    "https://aplikasi.example.org/\n",
    'https://aplikasi.example.org/"',
    "https://aplikasi.example.org\\@x/",
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "aplikasi:/kembali",
    "id.example.aplikasi://host/kembali",
    "https://aplikasi.example.org/" + "x" * 1000,
]


def test_ways_back_are_exact_and_safe(walidata):
    public = {"token_endpoint_auth_method": "none"}
    for address in GOOD:
        made = register(walidata, redirect_uris=[address], **public)
        assert made.status_code == 201, address
    for address in BAD:
        made = register(walidata, redirect_uris=[HTTPS, address], **public)
        assert made.status_code == 422, address
    # A scheme of its own is for programs that keep no secret.
    assert register(walidata, redirect_uris=[GOOD[-1]]).status_code == 422
    many = [f"{HTTPS}/{n}" for n in range(21)]
    assert register(walidata, redirect_uris=many).status_code == 422


def test_ways_back_flows_and_keys_change_and_the_kind_does_not(walidata):
    client = register(walidata, redirect_uris=[HTTPS], jwks=KEYS).json()["client_id"]
    path = f"/api/v1/clients/{client}"
    moved = walidata.patch(path, json={"redirect_uris": [f"{HTTPS}2"], "jwks": OTHER}).json()
    assert moved["redirect_uris"] == [f"{HTTPS}2"]
    assert walidata.patch(path, json={"redirect_uris": []}).status_code == 422
    alone = {"redirect_uris": [], "grant_types": ["client_credentials"]}
    assert walidata.patch(path, json=alone).json()["grant_types"] == ["client_credentials"]
    for said in ({"token_endpoint_auth_method": "none"}, {"grant_types": ["authorization_code"]}):
        assert walidata.patch(path, json=said).status_code == 422, said
    with_secret = register(walidata).json()["client_id"]
    answer = walidata.patch(f"/api/v1/clients/{with_secret}", json={"jwks": KEYS})
    assert answer.status_code == 422
    assert walidata.post(f"{path}/rotate").status_code == 409
