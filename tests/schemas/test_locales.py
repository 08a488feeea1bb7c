"""The step `locale`: a value written in the declared way comes back as the same value, and no other way is tried."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.document import SchemaDocument
from schemas.errors import InvalidSteps
from schemas.numbers import number_of
from schemas.steps import Pipeline, check, describe

PROFILES = st.sampled_from(["id", "en", "iso"])
BODY = {
    "teks": {"type": ["string", "null"]},
    "bulat": {"type": ["integer", "null"]},
    "angka": {"type": ["number", "null"]},
    "hari": {"type": ["string", "null"], "format": "date"},
    "saat": {"type": ["string", "null"], "format": "date-time"},
    "benar": {"type": ["boolean", "null"]},
}
MONTHS = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "en": "January February March April May June July August September October November December",
}
WITA = timezone(timedelta(hours=8))


@pytest.fixture(scope="module")
def document() -> SchemaDocument:
    return SchemaDocument.parse(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "https://simpul.invalid/schemas/uji/tulisan/1.0.0.json",
            "type": "object",
            "properties": BODY,
        }
    )


def read(document: SchemaDocument, profile: str, column: str, text: Any, **more: Any) -> Any:
    steps = [{"step": "locale", "profile": profile, **more}]
    check(steps, document)
    table, stay = Pipeline(steps, document).table({column: [text]})
    assert stay is None
    return table[column][0]


def written(number: Decimal, profile: str) -> str:
    """As a spreadsheet of that locale shows it."""
    text = f"{number:,f}" if profile != "iso" else f"{number:f}"
    return text.translate(str.maketrans(".,", ",.")) if profile == "id" else text


@given(PROFILES, st.decimals(-(10**15), 10**15, allow_nan=False, places=4) | st.integers(-(10**17), 10**17).map(Decimal))  # fmt: skip
def test_a_number_written_in_the_locale_is_the_same_number(
    document: SchemaDocument, profile: str, number: Decimal
) -> None:
    text = read(document, profile, "angka", written(number, profile))
    found = number_of(text)
    assert found is not None
    assert Decimal(text) == number


@given(PROFILES, st.dates(date(1000, 1, 1)), st.integers(0, 3))
def test_a_date_written_in_the_locale_is_the_same_date(
    document: SchemaDocument, profile: str, day: date, form: int
) -> None:
    numeric = "%d/%m/%Y" if profile == "id" else "%m/%d/%Y"
    month = MONTHS.get(profile, MONTHS["id"]).split()[day.month - 1]
    words = f"{day.day} {month} {day.year}" if profile == "id" else f"{month} {day.day}, {day.year}"
    forms = [day.isoformat(), day.strftime(numeric), day.strftime(numeric.replace("/", "-")), words]
    text = forms[0 if profile == "iso" else form]
    assert read(document, profile, "hari", text) == day.isoformat()


@given(PROFILES, st.datetimes(datetime(1000, 1, 1)))  # noqa: DTZ001 - the zone is the step's
def test_a_moment_written_in_the_locale_is_the_same_moment(
    document: SchemaDocument, profile: str, moment: datetime
) -> None:
    moment = moment.replace(microsecond=0)
    forms = {"id": "%d/%m/%Y %H.%M.%S", "en": "%m/%d/%Y %I:%M:%S %p", "iso": "%Y-%m-%d %H:%M:%S"}
    text = read(document, profile, "saat", moment.strftime(forms[profile]), zone="+08:00")
    assert datetime.fromisoformat(text) == moment.replace(tzinfo=WITA)


@given(PROFILES, st.text())
def test_text_columns_are_left_alone(document: SchemaDocument, profile: str, text: str) -> None:
    assert read(document, profile, "teks", text) == text


@pytest.mark.parametrize(
    ("profile", "column", "text"),
    [
        ("id", "angka", "1234.56"),
        ("id", "angka", "12.5"),
        ("id", "angka", "1,234.56"),
        ("id", "angka", "1.23E+05"),
        ("id", "bulat", "1.0"),
        ("en", "angka", "1.234,56"),
        ("en", "angka", "12,5"),
        ("iso", "angka", "1.234,56"),
        ("iso", "angka", "1,234"),
        ("id", "hari", "12/31/2025"),
        ("id", "hari", "31 December 2025"),
        ("id", "hari", "31/12/25"),
        ("id", "hari", "30/02/2025"),
        ("en", "hari", "31/12/2025"),
        ("en", "hari", "31 Desember 2025"),
        ("iso", "hari", "31/12/2025"),
        ("id", "saat", "31/12/2025 2:30 PM"),
        ("id", "saat", "31/12/2025 25.00"),
        ("en", "saat", "12/31/2025 13:00 PM"),
        ("id", "benar", "yes"),
        ("iso", "benar", "ya"),
    ],
)
def test_what_is_not_written_in_the_locale_is_refused_not_read_another_way(
    gate: Any, document: SchemaDocument, profile: str, column: str, text: str
) -> None:
    steps = [{"step": "locale", "profile": profile, "zone": "+08:00"}]
    verdict = gate(f'{column}\n"{text}"\n', steps=steps, document=document)
    assert (verdict.accepted, verdict.rejected) == (0, 1)
    assert verdict.by_rule[0].column == column


def test_a_whole_row_in_each_way_of_writing_passes(
    gate: Any, document: SchemaDocument, accepted: Any
) -> None:
    rows = {
        "id": '01;1.234;1.234,50;31/12/2025;"31 Desember 2025 14.30";Ya\n',
        "en": '01;1,234;1,234.50;12/31/2025;"Dec 31, 2025 2:30 PM";YES\n',
        "iso": "01;1234;1234.50;2025-12-31;2025-12-31 14:30;true\n",
    }
    found = []
    for profile, row in rows.items():
        steps = [{"step": "locale", "profile": profile, "zone": "+08:00"}]
        verdict = gate(";".join(BODY) + "\n" + row, steps=steps, document=document)
        assert verdict.clean, (profile, verdict.by_rule)
        found += accepted(verdict)
    assert found[0] == found[1] == found[2]
    assert found[0]["angka"] == 1234.5
    assert found[0]["hari"] == date(2025, 12, 31)
    assert found[0]["saat"] == datetime(2025, 12, 31, 14, 30, tzinfo=WITA)


def test_typed_values_have_no_way_of_writing(document: SchemaDocument) -> None:
    steps = [{"step": "locale", "profile": "id"}]
    rows, _ = Pipeline(steps, document).records(
        [{"angka": 12.5, "bulat": 3, "benar": True, "teks": "1.234"}, {"angka": "1.234,5"}]
    )
    assert rows == [{"angka": 12.5, "bulat": 3, "benar": True, "teks": "1.234"}, {"angka": 1234.5}]
    noon = datetime(2025, 10, 3, 12)  # noqa: DTZ001 - a cell of a workbook
    assert read(document, "id", "hari", noon) == noon


def test_a_profile_that_does_not_exist_is_refused_and_every_one_is_described(
    document: SchemaDocument,
) -> None:
    for wrong in ({"profile": "de"}, {}, {"profile": "id", "columns": ["angka"]}):
        with pytest.raises(InvalidSteps):
            check([{"step": "locale", **wrong}], document)
    for profile, words in (("id", "hari dulu"), ("en", "bulan dulu"), ("iso", "2025-12-31")):
        assert words in describe([{"step": "locale", "profile": profile}])[0]
        assert describe([{"step": "locale", "profile": profile}], "en")[0].startswith("Numbers")
