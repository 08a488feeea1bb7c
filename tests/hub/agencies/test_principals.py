"""What a caller is in the regency, seen through the dependencies that routes use."""

from fastapi import FastAPI
from starlette.testclient import TestClient

from hub.agencies.actor import ActorDep, MaybeActorDep


def with_probe(hub: TestClient) -> None:
    """Two routes that answer with what the dependencies say."""
    app = hub.app
    assert isinstance(app, FastAPI)

    @app.get("/probe")
    def probe(actor: ActorDep) -> dict[str, object]:
        return {
            "actor": actor.actor(),
            "agency": actor.agency,
            "roles": sorted(actor.roles),
            "scopes": sorted(actor.scopes),
        }

    @app.get("/maybe")
    def maybe(actor: MaybeActorDep) -> dict[str, object]:
        return {"known": actor is not None}


def test_a_program_acts_from_its_post(hub, make_client):
    with_probe(hub)
    seen = make_client("analyst", "bappeda", scopes="data:read").get("/probe").json()
    assert seen["agency"] == "bappeda"
    assert seen["roles"] == ["analyst"]
    assert seen["scopes"] == ["data:read"]
    assert set(seen["actor"]) == {"client", "post", "agency"}


def test_a_program_without_a_post_is_an_outsider(hub, make_client):
    with_probe(hub)
    outsider = make_client()
    seen = outsider.get("/probe").json()
    assert seen["agency"] is None
    assert seen["actor"] == {"client": outsider.client_id}


def test_a_visitor_is_nobody_and_a_bad_token_is_refused(hub):
    with_probe(hub)
    assert hub.get("/maybe").json() == {"known": False}
    assert hub.get("/probe").status_code == 401
    refused = hub.get("/maybe", headers={"Authorization": "Bearer nonsense"})
    assert refused.status_code == 401
    assert refused.json()["error"] == "invalid_token"
