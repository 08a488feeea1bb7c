"""Which published schemas say already what a draft says."""

from hub.drafts.likeness import similar
from schemas.document import SchemaDocument
from schemas.drafting import ColumnPlan, Plan
from schemas.registry import Registry


def document(name: str, **columns: str) -> SchemaDocument:
    return SchemaDocument.parse(
        {
            "$id": f"https://simpul.invalid/schemas/{name}/1.0.0.json",
            "type": "object",
            "properties": {n: {"type": kind, "title": n.title()} for n, kind in columns.items()},
        }
    )


def test_schemas_that_share_columns_are_named_with_what_is_held_otherwise() -> None:
    near = document("dinkes/posyandu", kode="string", nama="string", balita="string")
    far = document("bpbj/paket", kode="string", pagu="integer")
    plan = Plan(
        title="Posyandu",
        columns=(
            ColumnPlan("Kode", "kode", "Kode"),
            ColumnPlan("Nama Posyandu", "nama_posyandu", "Nama"),
            ColumnPlan("Balita", "balita", "Balita", kind="integer"),
            ColumnPlan("No", "no", "No", keep=False),
        ),
    )
    [found] = similar(Registry([near, far]), plan)
    assert found.document is near
    assert [(pair.mine, pair.theirs, pair.kind) for pair in found.shared] == [
        ("kode", "kode", ""),
        ("nama_posyandu", "nama", ""),
        ("balita", "balita", "string"),
    ]
