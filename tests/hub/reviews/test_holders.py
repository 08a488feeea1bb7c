"""Who holds a variable already: by its term, by its name and shape, by concept, by identifier."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from catalog.models import AccessClass, Dataset, Release
from hub.agencies.models import Agency, AgencyKind
from hub.db import reading, unit_of_work
from hub.reviews import holders, terms, variables
from hub.reviews.holders import Kind
from hub.rules import service as rules
from hub.standards.models import SchemaVersion
from schemas.document import SchemaDocument

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
RULE = terms.rule_of(rules.packaged(terms.BOOK).body)
POPULATION: dict[str, Any] = {
    "nik": {"type": "string", "x-data-pribadi": "umum"},
    "nama_lengkap": {"type": "string", "x-data-pribadi": "umum"},
    "tgl_lahir": {"type": "string", "format": "date", "x-data-pribadi": "umum"},
    "kode_wilayah": {"type": "string", "x-kode-referensi": "referensi/wilayah"},
    "jumlah_jiwa": {"type": "integer", "x-konsep": "Jumlah  Penduduk"},
}


def document(name: str, columns: dict[str, Any], **keywords: Any) -> SchemaDocument:
    return SchemaDocument.parse(
        {
            "$id": f"https://simpul.invalid/schemas/{name}/1.0.0.json",
            "type": "object",
            "properties": columns,
            **keywords,
        }
    )


def hold(
    session: Session,
    held: SchemaDocument,
    *,
    access_class: AccessClass = AccessClass.PRIBADI,
    slug: str = "",
    released: bool = True,
) -> None:
    """Put a dataset of this schema into the catalog, with a release unless said otherwise."""
    agency, _, record = held.name.partition("/")
    name = f"{agency}/{slug or record}"
    if session.get(Agency, agency) is None:
        session.add(
            Agency(code=agency, name=f"Instansi {agency}", kind=AgencyKind.OFFICE, created_at=NOW)
        )
        session.flush()
    if session.get(SchemaVersion, (held.name, held.version)) is None:
        variables.enter(session, held)
    session.add(dataset_of(held, slug=slug or record, access_class=access_class))
    session.flush()
    if released:
        session.add(release_of(name, held))


def dataset_of(
    held: SchemaDocument, slug: str = "", access_class: AccessClass = AccessClass.PRIBADI
) -> Dataset:
    agency, _, record = held.name.partition("/")
    return Dataset(
        id=f"{agency}/{slug or record}",
        agency=agency,
        slug=slug or record,
        title=record,
        schema_name=held.name,
        schema_version=held.version,
        access_class=access_class,
        created_at=NOW,
        updated_at=NOW,
    )


def release_of(name: str, held: SchemaDocument) -> Release:
    return Release(
        dataset=name,
        number=1,
        delta_version=0,
        files=[],
        sha256="",
        rows=1,
        added=1,
        changed=0,
        removed=0,
        schema_name=held.name,
        schema_version=held.version,
        batch=f"{name}-1",
        published_at=NOW,
    )


@pytest.fixture
def found(hub: TestClient) -> Callable[..., dict[str, list[tuple[str, str]]]]:
    """Holders of a document's columns as `(kind, dataset)`, after others were put into the catalog."""

    def find(
        mine: SchemaDocument, *others: SchemaDocument, agency: str = "dinsos", **how: Any
    ) -> dict[str, list[tuple[str, str]]]:
        engine = hub.app.state.engine  # type: ignore[attr-defined]
        with unit_of_work(engine) as session:
            for other in others:
                hold(session, other, **how)
        with reading(engine) as session:
            fields = holders.fields_of(
                session, RULE, mine, agency=agency, seen=holders.known_to_members()
            )
        return {
            field.name: [(holder.kind.value, holder.dataset) for holder in field.holders]
            for field in fields
            if field.holders
        }

    return find


def test_a_variable_of_residents_is_found_by_its_term_under_any_of_its_names(found: Any) -> None:
    mine = document(
        "dinsos/penerima",
        {
            "no_ktp": {"type": "string"},
            "nama": {"type": "string"},
            "tanggal_lahir": {"type": "string", "format": "date"},
            "bantuan": {"type": "integer"},
        },
    )
    assert found(mine, document("disdukcapil/penduduk", POPULATION)) == {
        "no_ktp": [("pengenal", "disdukcapil/penduduk")],
        "nama": [("istilah", "disdukcapil/penduduk")],
        "tanggal_lahir": [("istilah", "disdukcapil/penduduk")],
    }


def test_a_name_of_something_else_is_no_variable_of_residents(found: Any) -> None:
    mine = document("dpupr/jembatan", {"nama": {"type": "string"}, "alamat": {"type": "string"}})
    held = document(
        "disdukcapil/kantor", {"nama": {"type": "string"}, "alamat": {"type": "integer"}}
    )
    assert found(mine, held, document("bkad/penduduk", POPULATION)) == {
        "nama": [("nama_dan_bentuk", "disdukcapil/kantor")]
    }


def test_a_term_that_two_schemas_state_binds_whatever_the_columns_are_called(found: Any) -> None:
    stated = {"type": "number", "x-istilah": "jalan/panjang-kemantapan"}
    held = document("dpupr/jalan", {"km_mantap": stated})
    assert found(document("dishub/ruas", {"panjang": stated}), held, agency="dishub") == {
        "panjang": [("istilah", "dpupr/jalan")]
    }


def test_keys_references_and_codes_join_records_and_ask_nobody_anew(found: Any) -> None:
    stated = {"type": "string", "x-istilah": "pengadaan/kode-rup"}
    mine = document(
        "dinkes/pengadaan",
        {
            "kd_rup": stated,
            "kode_wilayah": {"type": "string", "x-kode-referensi": "referensi/wilayah"},
            "nik": {"type": "string"},
            "id": {"type": "string", "x-istilah": "pengadaan/kode-rup"},
        },
        **{
            "x-kunci": ["id"],
            "x-rujukan": {"schema": "bpbj/paket", "fields": {"kd_rup": "kd_rup"}, "match": "equal"},
        },
    )
    held = document("bpbj/paket", {"kd_rup": stated, "kode_wilayah": {"type": "string"}})
    assert found(mine, held, document("bkad/penduduk", POPULATION), agency="dinkes") == {
        "nik": [("pengenal", "bkad/penduduk")]
    }


def test_one_concept_of_ms_var_is_a_hint(found: Any) -> None:
    mine = document("dinkes/sasaran", {"n": {"type": "number", "x-konsep": "jumlah penduduk"}})
    assert found(mine, document("disdukcapil/penduduk", POPULATION)) == {
        "n": [("konsep", "disdukcapil/penduduk")]
    }


def test_own_data_unpublished_data_and_excluded_data_are_no_holders_that_members_see(
    found: Any,
) -> None:
    mine = document("dinsos/penerima", POPULATION)
    assert found(mine, document("dinsos/lama", POPULATION)) == {}
    assert found(mine, document("bkad/rancangan", POPULATION), released=False) == {}
    excluded = document("kesbangpol/orang", POPULATION)
    assert found(mine, excluded, access_class=AccessClass.DIKECUALIKAN) == {}


def test_agencies_that_share_a_schema_exchange_what_one_standard_asks(found: Any) -> None:
    shared = document("disdukcapil/penduduk", POPULATION)
    kinds = {kind for list_ in found(shared, shared).values() for kind, _ in list_}
    assert Kind.TERM.value not in kinds


def test_records_of_a_shared_system_bind_nobody(found: Any) -> None:
    mine = document("e-surat/orang", POPULATION)
    kinds = {
        kind
        for list_ in found(mine, document("disdukcapil/penduduk", POPULATION)).values()
        for kind, _ in list_
    }
    assert Kind.TERM.value not in kinds


def test_a_thousand_datasets_of_thirty_columns_are_looked_through_at_once(
    hub: TestClient,
) -> None:
    engine = hub.app.state.engine  # type: ignore[attr-defined]
    plain = {f"kolom_{n}": {"type": "string"} for n in range(26)}
    many = [
        document(
            f"a{n % 40}/data-{n}",
            plain
            | (
                POPULATION
                if n % 50 == 0
                else {f"lain_{n}_{m}": {"type": "string"} for m in range(4)}
            ),
        )
        for n in range(1000)
    ]
    with unit_of_work(engine) as session:
        session.add_all(
            Agency(code=f"a{n}", name=f"A {n}", kind=AgencyKind.OFFICE, created_at=NOW)
            for n in range(40)
        )
        session.flush()
        for held in many:
            session.add_all(variables.of(held))
            session.add(dataset_of(held))
        session.flush()
        session.add_all(release_of(held.name, held) for held in many)
    mine = document("dinsos/penerima", plain | POPULATION)
    with reading(engine) as session:
        began = time.perf_counter()
        fields = holders.fields_of(
            session, RULE, mine, agency="dinsos", seen=holders.known_to_members()
        )
        took = time.perf_counter() - began
    assert all(len(field.holders) == 8 for field in fields if field.collected)
    assert sum(bool(field.binding) for field in fields) == 2
    assert took < 5, f"{took:.2f} s"
    print(f"{engine.dialect.name}: {took * 1000:.0f} ms")  # noqa: T201
