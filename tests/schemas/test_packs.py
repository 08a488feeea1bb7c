"""The record schemas of the seven systems: good rows go through the gate, bad ones are refused by the rule that is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.document import SchemaDocument
from schemas.references import references_of
from schemas.registry import Registry
from schemas.rules.language import rules_of

PACKS = [
    json.loads(p.read_text()) for p in sorted((Path(__file__).parent / "packs").glob("*.json"))
]
NAMES = {
    "e-musrenbang/usulan-musrenbang", "e-budgeting/anggaran-sub-kegiatan",
    "e-budgeting/rincian-belanja", "e-project/paket-rencana", "e-procurement/pemilihan-penyedia",
    "e-delivery/kontrak", "e-delivery/pencairan-dana", "e-controlling/realisasi-bulanan",
    "e-surat/naskah-dinas", "e-surat/disposisi", "kinerja/kinerja-layanan",
}  # fmt: skip
BAD = [
    pytest.param(pack, bad, id=f"{pack['schema']}: {bad['rule']} {bad['column']}")
    for pack in PACKS
    for bad in pack["bad"]
]


def document(pack: dict[str, Any]) -> SchemaDocument:
    return Registry.packaged().get(pack["schema"], "1.0.0")


def lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_there_is_a_pack_for_each_of_the_eleven_records() -> None:
    assert {pack["schema"] for pack in PACKS} == NAMES


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack["schema"])
def test_a_packaged_schema_may_be_published_and_speaks_two_languages(pack: dict[str, Any]) -> None:
    body = SchemaDocument.parse(document(pack).body).body
    for part in (body, *body["properties"].values()):
        assert all(
            part[word] for word in ("title", "x-title-en", "description", "x-description-en")
        )


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack["schema"])
def test_references_lead_to_columns_of_packaged_schemas(pack: dict[str, Any]) -> None:
    known = Registry.packaged()
    for reference in references_of(document(pack)):
        assert set(reference.theirs) <= set(known.latest(reference.schema).columns)


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack["schema"])
def test_no_pattern_knows_one_regency(pack: dict[str, Any]) -> None:
    for pattern in patterns(document(pack).body):
        assert "6401" not in pattern.replace("\\.", "")


def patterns(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [found for one in schema for found in patterns(one)]
    if not isinstance(schema, dict):
        return []
    own = [schema["pattern"]] if isinstance(schema.get("pattern"), str) else []
    return own + [found for one in schema.values() for found in patterns(one)]


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack["schema"])
def test_good_rows_pass(pack: dict[str, Any], gate: Any) -> None:
    verdict = gate(lines(pack["good"]), "ndjson", document=document(pack))
    assert (verdict.accepted, verdict.rejected, verdict.warnings) == (len(pack["good"]), 0, 0), (
        verdict.by_rule
    )


@pytest.mark.parametrize(("pack", "bad"), BAD)
def test_a_bad_row_is_refused_by_its_rule(
    pack: dict[str, Any], bad: dict[str, Any], gate: Any
) -> None:
    row = {**pack["good"][0], **bad.get("set", {})}
    row = {name: value for name, value in row.items() if name not in bad.get("unset", [])}
    verdict = gate(lines([row, *pack["good"][1:]]), "ndjson", document=document(pack))
    found = {(rule.rule, rule.column) for rule in verdict.by_rule if rule.severity == "error"}
    assert found == {(bad["rule"], bad["column"])}
    assert (verdict.rejected, verdict.accepted) == (1, len(pack["good"]) - 1)


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack["schema"])
def test_every_rule_across_fields_that_rejects_is_seen_to_reject(pack: dict[str, Any]) -> None:
    rules = {r.name for r in rules_of(document(pack).body) if r.severity == "error"}
    assert rules <= {bad["rule"] for bad in pack["bad"]}


def test_a_warning_lets_the_row_in_unless_the_dataset_says_otherwise(gate: Any) -> None:
    (pack,) = (pack for pack in PACKS if pack["schema"] == "e-delivery/kontrak")
    rule = "termin-tidak-lebih-dari-kontrak"
    row = {**pack["good"][0], "nilai_kontrak": 2396999999.99}
    contract = document(pack)
    warned = gate(lines([row]), "ndjson", document=contract)
    assert (warned.status, warned.accepted, warned.errors, warned.warnings) == ("accepted", 1, 0, 2)
    report = json.loads(warned.report_file.read_text())
    assert (report["counts"]["errors"], report["counts"]["warnings"]) == (0, 2)
    told = {one["rule"]: (one["severity"], one["first_rows"]) for one in report["by_rule"]}
    assert told[rule] == ("warning", [1])
    refused = gate(lines([row]), "ndjson", document=contract, severities={rule: "error"})
    assert (refused.status, refused.errors, refused.warnings) == ("refused", 1, 1)
    (pack,) = (pack for pack in PACKS if pack["schema"] == "kinerja/kinerja-layanan")
    late = {**pack["good"][0], "jumlah_tepat_waktu": 1199}
    softer = {"tepat-waktu-tidak-lebih-dari-selesai": "warning"}
    assert gate(lines([late]), "ndjson", document=document(pack), severities=softer).accepted == 1


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack["schema"])
def test_the_manual_lists_key_references_and_rules(pack: dict[str, Any]) -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "packs.md"
    (line,) = (t for t in page.read_text().splitlines() if t.startswith(f"| `{pack['schema']}`"))
    schema = document(pack)
    named = [*schema.key, *(rule.name for rule in rules_of(schema.body))]
    named += [reference.schema for reference in references_of(schema)]
    assert [name for name in named if f"`{name}`" not in line] == []
