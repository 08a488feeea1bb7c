"""A grant is a contract: signed by both sides, compared with its text on every use, provable offline."""

import hashlib
import json

import pytest
from joserfc import jws as joserfc_jws
from joserfc.jwk import import_key
from sqlmodel import delete, select

from catalog.policy import MASKS
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.grants import attesting, verify
from hub.grants.attesting import Said
from hub.grants.contract import says, text_of
from hub.grants.jws import new_key, sign
from hub.grants.masks import KINDS
from hub.grants.models import AccessRequest, Grant, GrantSignature
from hub.grants.records import digest_of
from hub.grants.signing import flaw, flaws
from hub.grants.verify import public_jwk, thumbprint
from hub.ledger.entry import Actor, Target
from hub.ledger.models import LedgerEntry


def flaw_of(hub, grant):
    with reading(hub.app.state.engine) as session:
        return flaw(session, session.get_one(Grant, grant))


def failed(report):
    return {check.name: check.detail for check in report.checks if not check.ok}


def test_both_sides_sign_by_the_session_of_a_named_person(hub, granted, analyst, contract_of):
    served = contract_of(analyst, granted)
    assert [(one["side"], one["kind"]) for one in served["signatures"]] == [
        ("producer", "hub_attested"),
        ("consumer", "hub_attested"),
    ]
    producer, consumer = (json.loads(one["statement"]) for one in served["signatures"])
    assert consumer["signer"]["client"] == analyst.client_id
    assert consumer["signer"]["agency"] == "bappeda"
    assert producer["signer"]["agency"] == "bpbj"
    assert producer["via"] == "token"
    assert producer["contract"] == hashlib.sha256(served["text"].encode()).hexdigest()
    assert flaw_of(hub, granted) is None
    report = verify.bundle(served)
    assert report.ok, failed(report)
    assert verify.bundle(served, keys=[hub.app.state.ledger.signer.vkey]).ok


def test_every_ledger_entry_of_a_grant_resolves_to_its_signed_text(
    hub, granted, analyst, contract_of
):
    served = contract_of(analyst, granted)
    with reading(hub.app.state.engine) as session:
        bodies = [json.loads(one.body) for one in session.exec(select(LedgerEntry))]
    cited = [body["grant"] for body in bodies if "grant" in body]
    assert cited == [served["digest"]]


def test_a_bundle_is_good_before_its_entries_have_a_place(granted, analyst):
    served = analyst.get(f"/api/v1/grants/{granted}/contract").json()
    assert all("inclusion" not in entry for entry in served["entries"])
    assert verify.bundle(served).ok


def test_a_contract_is_shown_to_its_parties_alone(granted, make_client, head, analyst, walidata):
    path = f"/api/v1/grants/{granted}/contract"
    for who in (head, analyst, walidata):
        assert who.get(path).status_code == 200
    for stranger in (
        make_client("head", "dinkes"),
        make_client("auditor", "inspektorat"),
        make_client(),
    ):
        assert stranger.get(path).status_code == 404


ALTERED = [
    (
        "columns",
        [*("kd_nontender", "no_kontrak", "nilai_kontrak"), "nama_satker"],
        "columns: nama_satker added",
    ),
    ("columns", ["kd_nontender"], "columns: no_kontrak removed"),
    ("columns", None, "columns: changed"),
    ("columns", ["kd_nontender", 7, None], "columns: 7 added"),
    ("filter", {"eq": ["tahun_anggaran", 2**70]}, "filter: changed"),
    ("masks", ["no_kontrak"], "masks: changed"),
    ("filter", {"eq": ["tahun_anggaran", 2024]}, "filter: changed"),
    ("masks", {"no_kontrak": "hash"}, "masks.no_kontrak: changed"),
    ("purpose", "Lain", "purpose: changed"),
    ("basis", "Lain", "basis: changed"),
    ("use", "verify", "use: changed"),
    ("daily_rows", 5, "daily_rows: changed"),
    ("may_store", False, "may_store: changed"),
    ("supersedes", "HA-2025-99999", "supersedes: changed"),
    ("producer", "bkad", "producer: changed"),
    ("target", "bpbj/paket-nontender", "target.id: changed"),
    ("grantee_agency", "dinkes", "grantee.agency: changed"),
    ("access_class", "BERBAGI", "access_class: changed"),
    ("expires_at", "2031-01-01 00:00:00", "expires_at: changed"),
    ("starts_at", "2021-01-01 00:00:00", "starts_at: changed"),
    ("form", 0, "expires_at: changed"),
]


def test_an_altered_column_is_named_at_the_next_use_and_offline(
    hub, granted, contract_of, walidata, database
):
    with reading(hub.app.state.engine) as session:
        before = session.get_one(Grant, granted).model_dump()
    for column, value, named in ALTERED:
        database(
            f'UPDATE hub_grant SET "{column}" = :value WHERE id = :id', value=value, id=granted
        )
        found = flaw_of(hub, granted)
        assert found is not None, column
        assert found.code == "altered"
        assert named in found.message_en, found
        assert found.member == named.split(":")[0]
        assert "berubah sejak ditandatangani" in found.message_id
        assert named in failed(verify.bundle(contract_of(walidata, granted)))["text"]
        with unit_of_work(hub.app.state.engine) as session:
            setattr(session.get_one(Grant, granted), column, before[column])
        assert flaw_of(hub, granted) is None, column


def test_a_text_altered_along_with_its_row_and_digest_has_no_signature(
    hub, granted, contract_of, walidata, database
):
    served = contract_of(walidata, granted)
    text = served["text"].replace("Menyusun RKPD 2026", "Apa saja")
    digest = hashlib.sha256(text.encode()).hexdigest()
    database(
        "UPDATE hub_grant SET purpose = 'Apa saja', text = :text, digest = :digest WHERE id = :id",
        text=text, digest=digest, id=granted,
    )  # fmt: skip
    assert flaw_of(hub, granted).code == "signature"
    wrong = failed(verify.bundle(contract_of(walidata, granted)))
    assert set(wrong) == {"producer hub_attested", "consumer hub_attested"}
    database("UPDATE hub_grant SET digest = :digest WHERE id = :id", digest="0" * 64, id=granted)
    assert flaw_of(hub, granted).code == "digest"


FALSE = [
    ("DELETE FROM hub_grant_signature WHERE side = 'producer'", "unsigned", "producer"),
    ("DELETE FROM hub_grant_signature WHERE side = 'consumer'", "unsigned", "consumer"),
    ("UPDATE hub_grant_signature SET kind = 'by_rule' WHERE side = 'producer'", "signature", "producer"),
    ("UPDATE hub_grant_signature SET kind = 'agency_key' WHERE side = 'producer'", "key", "producer"),
    ("UPDATE hub_grant_signature SET statement = '{}' WHERE side = 'consumer'", "signature", "consumer"),
    ("UPDATE hub_grant_signature SET statement = 'x' WHERE side = 'consumer'", "signature", "consumer"),
    ("UPDATE hub_grant_signature SET signature = '' WHERE side = 'consumer'", "signature", "consumer"),
]  # fmt: skip


def test_a_signature_that_is_missing_or_false_is_noticed(
    hub, granted, contract_of, walidata, database
):
    with reading(hub.app.state.engine) as session:
        kept = [one.model_dump() for one in session.exec(select(GrantSignature))]
    for statement, code, member in FALSE:
        database(statement)
        found = flaw_of(hub, granted)
        assert (found.code, found.member) == (code, member), statement
        report = verify.bundle(contract_of(walidata, granted))
        assert not report.ok, statement
        assert any(name.startswith(member) for name in failed(report)), statement
        with unit_of_work(hub.app.state.engine) as session:
            session.exec(delete(GrantSignature))
            session.add_all(GrantSignature(**one) for one in kept)
        assert flaw_of(hub, granted) is None


def test_a_revocation_wiped_from_the_row_is_still_in_the_ledger(hub, granted, head, database):
    assert head.delete(f"/api/v1/grants/{granted}?reason=Selesai").status_code == 200
    assert flaw_of(hub, granted) is None
    database("UPDATE hub_grant SET revoked_at = NULL, revoked_by = NULL, revoke_reason = NULL")
    assert flaw_of(hub, granted).code == "revoked"


def test_a_grant_that_does_not_stand_opens_nothing(hub, granted, analyst, database):
    path = "/api/v1/datasets/bpbj/kontrak-nontender/rows"
    before = analyst.get(path).status_code
    database("UPDATE hub_grant SET purpose = 'Lain'")
    assert before != analyst.get(path).status_code == 403


def test_the_hubs_word_for_a_request_does_not_carry_a_wider_contract(
    hub, granted, analyst, contract_of
):
    served = contract_of(analyst, granted)
    signer, asked = hub.app.state.ledger.signer, json.loads(served["asked"])
    for member, value in {
        "columns": [*served["contract"]["columns"], "nama_satker"],
        "use": "verify",
        "purpose": "Lain",
    }.items():
        wider = served["contract"] | {member: value}
        assert verify.wider(asked, wider) == [member]
        text = json.dumps(wider, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()
        consumer = dict(served["signatures"][1])
        consumer["statement"] = consumer["statement"].replace(served["digest"], digest)
        consumer["signature"] = signer.attest(consumer["statement"].encode())
        forged = served | {"contract": wider, "text": text, "digest": digest}
        forged["signatures"] = [served["signatures"][0], consumer]
        wrong = failed(verify.bundle(forged))
        assert wrong["consumer hub_attested"] == f"wider than what was asked for: {member}"


ASKED_FOR = {
    "target": {"type": "dataset", "id": "bpbj/x"},
    "purpose": "Uji",
    "basis": "",
    "columns": ["a", "b"],
    "filter": {"eq": ["a", 1]},
    "until": None,
    "masks": {"b": "hash"},
    "daily_rows": 10,
    "may_store": False,
}
AGREED = ASKED_FOR | {"use": "read"}


@pytest.mark.parametrize(
    ("given", "more"),
    [
        ({}, []),
        ({"columns": ["a"], "masks": {}}, []),
        ({"filter": {"and": [{"eq": ["a", 1]}, {"eq": ["b", 2]}]}}, []),
        ({"daily_rows": 9, "masks": {"a": "hide", "b": "hide"}}, []),
        ({"columns": None}, ["columns"]),
        ({"filter": None}, ["filter"]),
        ({"filter": {"eq": ["a", True]}}, ["filter"]),
        ({"filter": {"or": [{"eq": ["a", 1]}, {"eq": ["b", 2]}]}}, ["filter"]),
        ({"masks": {}}, ["masks"]),
        ({"daily_rows": None}, ["daily_rows"]),
        ({"daily_rows": 11}, ["daily_rows"]),
        ({"may_store": True}, ["may_store"]),
        ({"target": {"type": "dataset", "id": "bpbj/y"}}, ["target"]),
    ],
)
def test_what_is_wider_than_what_was_asked(given, more):
    assert verify.wider(ASKED_FOR, AGREED | given) == more


def test_a_process_that_does_not_know_the_hubs_key_lets_no_grant_stand(hub, granted):
    from hub.db import open_engine

    engine = open_engine(hub.app.state.settings.database)
    with reading(engine) as session:
        assert flaw(session, session.get_one(Grant, granted)).code == "hub_key"
    engine.dispose()


def test_many_grants_are_judged_by_one_statement(hub, asks, approves, database):
    from sqlalchemy import event

    grants = [approves(asks(columns=["no_kontrak"])["id"])["grant"] for _ in range(1)]
    asked = []
    event.listen(hub.app.state.engine, "before_cursor_execute", lambda *of: asked.append(of[2]))
    with reading(hub.app.state.engine) as session:
        found = session.exec(select(Grant).where(Grant.id.in_(grants))).all()
        asked.clear()
        assert flaws(session, found) == {}
        assert flaws(session, []) == {}
    assert len(asked) == 1


def test_shared_data_opens_by_a_rule_that_names_what_proves_it(hub, asks, analyst, contract_of):
    given = asks("BERBAGI")
    served = contract_of(analyst, given["grant"])
    producer = served["signatures"][0]
    assert producer["kind"] == "by_rule"
    statement = json.loads(producer["statement"])
    assert statement["rule"] == "berbagi-seketika/1"
    assert statement["signer"] == {"agency": "bpbj"}
    kinds = [json.loads(one["entry"])["kind"] for one in served["entries"]]
    assert sorted(kinds) == ["grant.issued", "request.submitted"]
    report = verify.bundle(served)
    assert report.ok, failed(report)
    assert flaw_of(hub, given["grant"]) is None


def test_the_kinds_of_masks_are_those_that_the_catalog_knows():
    assert frozenset(KINDS) == MASKS


# Keys of agencies


@pytest.mark.parametrize("curve", ["Ed25519", "P-256"])
def test_an_agency_signs_with_a_key_that_it_alone_holds(
    hub, curve, granted, head, analyst, registers, hands_in, contract_of, tmp_path
):
    key = registers(head, "bpbj", curve)
    signed = hands_in(head, granted, key)
    assert signed.status_code == 201, signed.text
    assert hands_in(head, granted, key).status_code == 409
    served = contract_of(analyst, granted)
    by_key = next(one for one in served["signatures"] if one["kind"] == "agency_key")
    assert (by_key["side"], by_key["key_id"]) == (
        "producer",
        thumbprint(public_jwk(key.public_key())),
    )
    outside = {"bpbj": public_jwk(key.public_key())}
    for known in ({}, outside):
        report = verify.bundle(served, agency_keys=known)
        assert report.ok, failed(report)
    assert flaw_of(hub, granted) is None
    # A library that knows nothing of us says the same.
    joserfc_jws.deserialize_compact(
        by_key["signature"],
        import_key(outside["bpbj"]),
        algorithms=["Ed25519", "ES256"],
        payload=served["text"],
    )


def test_the_holder_of_the_hubs_key_and_database_cannot_forge_an_agencys_signature(
    hub, granted, head, analyst, registers, hands_in, contract_of, database
):
    key = registers(head, "bpbj")
    assert hands_in(head, granted, key).status_code == 201
    held = {"bpbj": public_jwk(key.public_key())}
    assert verify.bundle(contract_of(analyst, granted), agency_keys=held).ok

    # He writes a wider contract, swaps the agency's key for his own, and signs for both sides.
    served, own = contract_of(analyst, granted), new_key()
    wider = json.loads(served["text"])
    wider["columns"] = [*wider["columns"], "nama_satker"]
    text = json.dumps(wider, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest, mine = hashlib.sha256(text.encode()).hexdigest(), public_jwk(own.public_key())
    database(
        "UPDATE hub_grant SET columns = :columns, text = :text, digest = :digest WHERE id = :id",
        columns=wider["columns"], text=text, digest=digest, id=granted,
    )  # fmt: skip
    database("UPDATE hub_agency_key SET id = :id, jwk = :jwk", id=thumbprint(mine), jwk=mine)
    database("DELETE FROM hub_grant_signature WHERE kind = 'hub_attested'")
    ledger = hub.app.state.ledger
    with unit_of_work(hub.app.state.engine) as session:
        grant = session.get_one(Grant, granted)
        request = session.get_one(AccessRequest, grant.request)
        request.columns = wider["columns"]
        session.add(request)
        by = Actor(client=analyst.client_id, agency="bappeda")
        target = Target("request", request.id, owner="bpbj")
        told = {"request": digest_of(request)}
        asked = ledger.record(
            session, kind="request.submitted", actor=by, target=target, digests=told
        ).entry_id
        said = Said(asked, real_now(), {"client": by.client, "agency": by.agency, "post": None})
        session.add(attesting.by_the_requester(ledger, grant, request, said))
        entry = ledger.record(
            session,
            kind="grant.signed",
            actor=Actor(client=head.client_id, agency="bpbj"),
            target=Target("grant", granted, owner="bpbj"),
            grant=digest,
        ).entry_id
    database(
        "UPDATE hub_grant_signature SET key_id = :id, signature = :jws, cites = :cites"
        " WHERE kind = 'agency_key'",
        id=thumbprint(mine), jws=sign(own, text), cites=[entry],
    )  # fmt: skip

    forged = contract_of(analyst, granted)
    assert verify.bundle(forged).ok, "the forgery is a good one: alone it convinces"
    wrong = failed(verify.bundle(forged, agency_keys=held))
    assert wrong == {"producer agency_key": "bpbj: did not sign this with the key you gave"}


def test_a_signature_that_is_none_is_refused(granted, head, registers, contract_of):
    key = registers(head, "bpbj")
    text = contract_of(head, granted)["text"]
    jws = sign(key, text)
    protected, _, signature = jws.split(".")
    header = json.loads(verify.b64(protected))

    def headed(**changed):
        return f"{verify.unb64(json.dumps(header | changed).encode())}..{signature}"

    attempts = {
        "other text": sign(key, text + " "),
        "other key": headed().replace(signature, sign(new_key(), text).split(".")[2]),
        "none": headed(alg="none"),
        "hs256": headed(alg="HS256"),
        "b64": headed(b64=True),
        "crit": headed(crit=["b64", "exp"]),
        "kid": headed(kid="tidak-ada"),
        "junk": "a.b.c",
    }
    for what, attempt in attempts.items():
        answer = head.post(f"/api/v1/grants/{granted}/signatures", json={"jws": attempt})
        assert answer.status_code == 422, what
    whole = {"jws": f"{protected}.{verify.unb64(text.encode())}.{signature}"}
    assert head.post(f"/api/v1/grants/{granted}/signatures", json=whole).status_code == 422
    assert head.post(f"/api/v1/grants/{granted}/signatures", json={"jws": jws}).status_code == 201


def test_nobody_signs_for_another_agency(granted, head, analyst, make_client, registers, hands_in):
    key = registers(head, "bpbj")
    assert hands_in(analyst, granted, key).status_code == 403
    stranger = make_client("head", "dinkes")
    registered = registers(stranger, "dinkes")
    assert stranger.get(f"/api/v1/grants/{granted}/contract").status_code == 404
    assert hands_in(head, granted, registered).status_code == 403


def test_keys_are_kept_by_the_agency_or_the_walidata_and_seen_by_everybody(
    hub, head, analyst, walidata, make_client, registers
):
    key, other = registers(head, "bpbj"), registers(walidata, "bpbj")
    public = public_jwk(key.public_key())
    path = "/api/v1/agencies/bpbj/keys"
    for who in (analyst, make_client("steward", "bpbj"), make_client("head", "dinkes")):
        assert (
            who.post(
                path, json={"name": "x", "jwk": public_jwk(new_key().public_key())}
            ).status_code
            == 403
        )
    for bad in (
        public | {"d": "rahasia"},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "OKP", "crv": "X25519", "x": public["x"]},
        {"kty": "EC", "crv": "P-256", "x": public["x"], "y": public["x"]},
        public | {"x": "AA"},
    ):
        assert head.post(path, json={"name": "x", "jwk": bad}).status_code == 422, bad
    assert head.post(path, json={"name": "lagi", "jwk": public}).status_code == 409
    listed = hub.get(path).json()
    assert [one["id"] for one in listed["items"]] == [
        thumbprint(public_jwk(one.public_key())) for one in (key, other)
    ]
    assert listed["requires_key"] is False
    assert hub.get("/api/v1/agencies/tiada/keys").status_code == 404
    gone = f"{path}/{listed['items'][1]['id']}"
    assert analyst.delete(gone).status_code == 403
    assert head.delete(gone).status_code == 200
    assert head.delete(gone).status_code == 409
    assert (
        head.post(path, json={"name": "lagi", "jwk": public_jwk(other.public_key())}).status_code
        == 409
    )


def test_a_withdrawn_key_signs_nothing_more_and_what_it_signed_stays(
    hub, head, asks, approves, registers, hands_in, contract_of, database
):
    key = registers(head, "bpbj")
    first = approves(asks(columns=["no_kontrak"])["id"])["grant"]
    assert hands_in(head, first, key).status_code == 201
    name = thumbprint(public_jwk(key.public_key()))
    assert head.delete(f"/api/v1/agencies/bpbj/keys/{name}").status_code == 200
    assert flaw_of(hub, first) is None
    assert verify.bundle(contract_of(head, first)).ok
    # The end of the key moved to before the signature: then it signed nothing.
    database("UPDATE hub_agency_key SET revoked_at = registered_at")
    assert flaw_of(hub, first).code == "key"
    assert not verify.bundle(contract_of(head, first)).ok
    database("DELETE FROM hub_grant_signature WHERE kind = 'agency_key'")
    assert hands_in(head, first, key).status_code == 422


def test_an_agency_that_signs_by_key_alone_makes_its_grants_wait(
    hub, head, analyst, walidata, asks, approves, registers, hands_in, database
):
    path = "/api/v1/agencies/bpbj/signing"
    assert head.put(path, json={"requires_key": True}).status_code == 409
    key = registers(head, "bpbj")
    assert walidata.put(path, json={"requires_key": True}).status_code == 403
    assert head.put(path, json={"requires_key": True}).json() == {"requires_key": True}

    request = asks(columns=["no_kontrak"])["id"]
    decided = approves(request)
    assert decided["state"] == "menunggu_tanda_tangan"
    grant = decided["grant"]
    assert flaw_of(hub, grant).code == "unsigned"
    assert analyst.get("/api/v1/grants?live=true").json()["items"] == []
    for state, ids in (("menunggu_tanda_tangan", [request]), ("aktif", []), ("berakhir", [])):
        found = analyst.get(f"/api/v1/requests?state={state}").json()["items"]
        assert [one["id"] for one in found] == ids, state
    # Neither the bare flag nor the hub's own word makes up for the key.
    database("UPDATE hub_grant SET waits_until = NULL")
    assert flaw_of(hub, grant).code == "unsigned"
    database("UPDATE hub_grant SET waits_until = '2999-01-01 00:00:00'")
    assert hands_in(head, grant, key).json()["state"] == "aktif"
    assert flaw_of(hub, grant) is None
    assert [one["id"] for one in analyst.get("/api/v1/grants?live=true").json()["items"]] == [grant]


def test_a_contract_that_nobody_signed_in_time_has_ended(
    hub, head, analyst, asks, approves, registers, hands_in, database
):
    key = registers(head, "bpbj")
    head.put("/api/v1/agencies/bpbj/signing", json={"requires_key": True})
    request = asks(columns=["no_kontrak"])["id"]
    grant = approves(request)["grant"]
    database("UPDATE hub_grant SET waits_until = '2020-01-01 00:00:00'")
    assert hands_in(head, grant, key).status_code == 409
    assert analyst.get(f"/api/v1/requests/{request}").json()["state"] == "berakhir"
    found = analyst.get("/api/v1/requests?state=berakhir").json()["items"]
    assert [one["id"] for one in found] == [request]
    assert flaw_of(hub, grant).code == "unsigned"


def test_the_asking_agency_may_sign_by_key_alone_too(
    hub, analyst, asks, make_client, registers, hands_in
):
    chief = make_client("head", "bappeda")
    key = registers(chief, "bappeda")
    assert (
        chief.put("/api/v1/agencies/bappeda/signing", json={"requires_key": True}).status_code
        == 200
    )
    given = asks("BERBAGI")
    assert given["state"] == "menunggu_tanda_tangan"
    assert flaw_of(hub, given["grant"]).code == "unsigned"
    assert hands_in(analyst, given["grant"], key).json()["state"] == "aktif"
    assert flaw_of(hub, given["grant"]) is None


def test_the_quick_comparison_says_what_the_canonical_one_says():
    plain = Grant(
        id="HA-1", target="bpbj/x", producer="bpbj", access_class="TERBATAS", purpose="Uji “é” \n",
        starts_at=real_now(), expires_at=real_now(), request="PD-1", granted_by="x", digest="",
    )  # fmt: skip
    for tree in (
        None,
        {"gt": ["nilai", 1.5]},
        {"gt": ["nilai", 1.0]},
        {"in": ["é", [1, "€", 1e21]]},
    ):
        grant = plain.model_copy(update={"filter": tree})
        text = text_of(grant)
        assert says(grant, text)
        assert not says(grant.model_copy(update={"basis": "Lain"}), text)
        assert not says(grant.model_copy(update={"filter": {"gt": ["nilai", True]}}), text)
    one, yes = ({"filter": {"eq": ["a", value]}} for value in (1, True))
    assert not says(plain.model_copy(update=yes), text_of(plain.model_copy(update=one)))


def leaves(thing, path=()):
    """Every value of a document that holds no other, with the way to it."""
    inner = thing.items() if isinstance(thing, dict) else enumerate(thing)
    for name, value in inner:
        if isinstance(value, dict | list) and value:
            yield from leaves(value, (*path, name))
        else:
            yield (*path, name), value


UNPROVEN = {"v", "id", "revoked_at", "handed_in_by", "registered_at"}
"""What the bundle tells and nobody signed; the verifier rests nothing on it."""


def test_no_value_of_a_bundle_changes_unnoticed(
    hub, granted, head, analyst, registers, hands_in, contract_of
):
    key = registers(head, "bpbj")
    hands_in(head, granted, key)
    served = contract_of(analyst, granted)
    held = {"bpbj": public_jwk(key.public_key())}
    vkey = hub.app.state.ledger.signer.vkey
    assert verify.bundle(served, keys=[vkey]).ok
    noticed = set()
    for path, value in leaves(served):
        changed = json.loads(json.dumps(served))
        place = changed
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value + 1 if type(value) is int else f"x{value or ''}"
        by_key = path[0] == "signatures" and served["signatures"][path[1]]["kind"] == "agency_key"
        if UNPROVEN.isdisjoint(path) and not (by_key and path[-1] == "at"):
            assert not verify.bundle(changed, keys=[vkey]).ok, path
            noticed.add(path[0])
        else:
            verify.bundle(changed, keys=[vkey], agency_keys=held)
    assert {
        "text",
        "contract",
        "digest",
        "signatures",
        "entries",
        "agency_keys",
        "asked",
    } <= noticed
