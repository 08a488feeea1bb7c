"""Every text of the pages has its English, and the catalogue holds nothing else."""

from pathlib import Path

from babel.messages.extract import extract_from_dir

import hub.web
from hub.web.translation import KEYWORDS, catalogue, counted, translated

ROOT = Path(hub.web.__file__).parent


def texts_of_the_pages() -> set[str]:
    found = extract_from_dir(
        ROOT,
        method_map=[("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")],
        options_map={"templates/**.html": {"trim_blocks": "true"}},
        keywords=KEYWORDS,
    )
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def test_every_text_has_an_english_one_that_nobody_doubts() -> None:
    ready = {str(m.id) for m in catalogue() if m.id and m.string and not m.fuzzy}
    assert sorted(texts_of_the_pages() - ready) == []


def test_the_catalogue_holds_no_text_that_no_page_shows() -> None:
    known = {str(message.id) for message in catalogue() if message.id}
    assert sorted(known - texts_of_the_pages()) == []


def test_places_to_fill_are_the_same_in_both_languages() -> None:
    for message in catalogue():
        if message.id:
            for part in str(message.string).split("|") if "{" in str(message.id) else []:
                assert part.count("{") == str(message.id).count("{"), message.id


def test_english_tells_one_from_many() -> None:
    assert counted("{n} baris", 1, "1", "en") == "1 row"
    assert counted("{n} baris", 2, "2", "en") == "2 rows"
    assert counted("{n} baris", 2, "2", "id") == "2 baris"


def test_an_unknown_text_stays_as_it_is() -> None:
    assert translated("Belum diterjemahkan", "en") == "Belum diterjemahkan"
