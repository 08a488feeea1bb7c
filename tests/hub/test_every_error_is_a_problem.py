"""Every class of errors of every room has an answer of its own, in both languages."""

import importlib
import pkgutil

import pytest

import catalog
import connectors
import hub
import schemas
from hub.problems import PROBLEMS, ROOTS, problem_of


def _all_errors():
    for room in (hub, catalog, connectors, schemas):
        for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
            if not module.name.endswith("__main__") and ".migrations" not in module.name:
                importlib.import_module(module.name)
    waiting, found = list(ROOTS), []
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found.append(kind)
    return [kind for kind in found if kind not in ROOTS]


def test_every_class_of_errors_is_mapped_by_itself_or_by_an_ancestor_of_its_own():
    unmapped = [
        kind.__qualname__
        for kind in _all_errors()
        if not any(ancestor in PROBLEMS for ancestor in kind.__mro__)
    ]
    assert unmapped == []


@pytest.mark.parametrize("kind", PROBLEMS)
def test_every_problem_has_both_titles_and_a_slug(kind):
    problem = PROBLEMS[kind]
    assert problem.title_id
    assert problem.title_en
    assert problem.slug == problem.slug.lower()
    assert 400 <= problem.status < 600


def test_a_slug_means_one_status():
    by_slug = {}
    for problem in PROBLEMS.values():
        by_slug.setdefault(problem.slug, set()).add(problem.status)
    assert {slug: found for slug, found in by_slug.items() if len(found) > 1} == {}


def test_the_nearest_mapped_ancestor_decides():
    class Special(catalog.errors.ReleaseNotFound):
        pass

    assert problem_of(Special("a/b", 3)).status == 404
