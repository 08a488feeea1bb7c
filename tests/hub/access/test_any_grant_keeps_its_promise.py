"""Whatever columns, rows and masks a grant has, no path shows a cell of what it leaves out."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.db import unit_of_work
from hub.grants.models import Grant
from tests.hub.access.conftest import sign_anew, text_of

COLUMNS = ("kecamatan", "penyedia", "nama", "catatan")
NUMBERS = range(1, 9)


def cell(column, number):
    """A text that stands nowhere else."""
    return f"{column}-sel-{number}x"


ROWS = [
    {"kode": f"k-sel-{n}x", "nilai": n, **{column: cell(column, n) for column in COLUMNS}}
    for n in NUMBERS
]
FILTERS = st.one_of(
    st.none(),
    st.sampled_from(NUMBERS).map(lambda n: {"le": ["nilai", n]}),
    st.sampled_from(NUMBERS).map(lambda n: {"not": {"eq": ["catatan", cell("catatan", n)]}}),
    st.sampled_from(NUMBERS).map(lambda n: {"in": ["kode", [f"k-sel-{n}x", "tidak-ada"]]}),
)
MASKS = st.dictionaries(st.sampled_from(COLUMNS), st.just("hide"), max_size=2)


def passes(row, tree):
    match tree:
        case None:
            return True
        case {"le": [column, most]}:
            return row[column] <= most
        case {"in": [column, values]}:
            return row[column] in values
        case {"not": {"eq": [column, value]}}:
            return row[column] != value


def paths(dataset):
    at = f"/api/v1/datasets/{dataset}"
    yield from (f"{at}/rows?format={format}" for format in ("json", "csv", "ndjson", "parquet"))
    yield from (f"{at}/{part}" for part in ("sample", "profile", "releases/1/changes?since=0"))
    yield from (f"{at}/rows?filter={column}~sel&sort=-{column}" for column in COLUMNS)


def test_no_cell_that_a_grant_leaves_out_is_on_any_path(
    hub, penerima, publish_rows, make_client, give
):
    dataset, analyst = penerima("TERBATAS"), make_client("analyst", "bappeda")
    publish_rows(dataset, ROWS)
    given_grant = give(analyst, dataset, columns=["kode", "nilai", "catatan"])

    @settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sets(st.sampled_from(COLUMNS)), FILTERS, MASKS)
    def holds(columns, tree, masks):
        shown = ["kode", "nilai", *sorted(columns)]
        with unit_of_work(hub.app.state.engine) as session:
            grant = session.get_one(Grant, given_grant)
            grant.columns, grant.filter, grant.masks = shown, tree, masks
            sign_anew(session, hub.app.state.ledger, grant)
        allowed = {row["nilai"] for row in ROWS if passes(row, tree)}
        visible = {cell(column, n) for column in columns - masks.keys() for n in allowed} | {
            f"k-sel-{n}x" for n in allowed
        }
        forbidden = {value for row in ROWS for value in row.values() if isinstance(value, str)}
        forbidden -= visible
        answers = [analyst.get(path) for path in paths(dataset)]
        asked = ["*", *COLUMNS, "max(catatan)", "CAST(catatan AS INTEGER)"]
        for what in asked:
            sql = {"sql": f"SELECT {what} FROM bpbj.penerima"}
            answers.append(analyst.post("/api/v1/query", json=sql))
        for answer in answers:
            found = [value for value in forbidden if value in text_of(answer)]
            assert found == [], (str(answer.url), answer.request.content, columns, tree, masks)
        assert answers[0].status_code == 200
        assert {row["nilai"] for row in answers[0].json()["items"]} == allowed

    holds()
