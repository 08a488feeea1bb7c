"""Values that a schema is likely to accept or just to refuse: edges, members, examples.

Nothing here is a verdict: whoever samples asks the engine about every value.
"""

import json
from collections.abc import Iterable, Iterator
from math import ceil
from typing import Any

from schemas.columns import EVERY_TYPE, allowed_types, resolve
from schemas.examples import examples

MOST_VALUES = 60
MOST_ROWS = 1_500
_DEEPEST = 6
_BRANCHES = ("allOf", "anyOf", "oneOf")
_CONDITIONS = ("if", "then", "else", "not")
_GOOD = {
    "date": ("2025-01-31", "2024-02-29"),
    "date-time": ("2025-01-31T08:00:00Z", "2025-01-31T08:00:00+08:00"),
    "time": ("08:00:00Z",),
    "duration": ("P1D",),
    "email": ("nama@contoh.invalid",),
    "idn-email": ("nama@contoh.invalid",),
    "hostname": ("contoh.example",),
    "ipv4": ("192.0.2.1",),
    "ipv6": ("2001:db8::1",),
    "uri": ("https://contoh.example/a",),
    "iri": ("https://contoh.example/a",),
    "uri-reference": ("/a",),
    "uuid": ("00000000-0000-4000-8000-000000000000",),
    "regex": ("^a$",),
    "json-pointer": ("/a",),
}
_TEXTS = ("a", "", "0", "contoh", "2025-01-31", "A B", "https://contoh.example/a", "a" * 300)


class Sampler:
    """Samples within one document, whose `root` local references point into."""

    def __init__(self, root: Any) -> None:
        self._root = root

    def values(self, schema: Any, depth: int = 0) -> list[Any]:
        """At most 60 different values, the likeliest first; the same schema gives the same values."""
        return _some(self._values(schema, depth), MOST_VALUES)

    def rows(self, schema: Any) -> list[Any]:
        """The same for a whole record, whose columns are varied one at a time."""
        return _some(self._values(schema, 0), MOST_ROWS)

    def _values(self, schema: Any, depth: int) -> Iterator[Any]:
        if depth > _DEEPEST or schema is False:
            return
        if not isinstance(schema, dict):
            yield from (None, True, 0, 0.5, "a", [], {})
            return
        if "$ref" in schema:
            target = resolve(schema["$ref"], self._root)
            rest = {word: value for word, value in schema.items() if word != "$ref"}
            yield from self._values(_merged(rest, target) if rest else target, depth + 1)
            return
        if "const" in schema:
            yield schema["const"]
        yield from schema.get("enum", ())
        yield from schema.get("examples", ()) if isinstance(schema.get("examples"), list) else ()
        alternatives = [self.values(one, depth + 1) for one in _alternatives(schema)]
        if not ({"const", "enum"} & schema.keys()):
            yield from _in_turn([*alternatives, self._plain(schema, depth)])
        else:
            yield from _in_turn(alternatives)

    def _plain(self, schema: dict[str, Any], depth: int) -> Iterator[Any]:
        """By the type alone, in turn, so that none crowds out another."""
        types = allowed_types(schema, self._root)
        makers: list[Iterable[Any]] = []
        if "object" in types and (types != EVERY_TYPE or _speaks_of(schema, "object")):
            makers.append(self._objects(schema, depth))
        if "string" in types:
            makers.append(_texts(schema))
        if "integer" in types or "number" in types:
            makers.append(_numbers(schema, whole="number" not in types))
        if "null" in types:
            makers.append([None])
        if "boolean" in types:
            makers.append([True, False])
        if "array" in types and depth < _DEEPEST:
            makers.append(self._arrays(schema, depth))
        if types == EVERY_TYPE and not _speaks_of(schema, "object"):
            makers.append([{}, {"lain": 1}])
        yield from _in_turn(makers)

    def _arrays(self, schema: dict[str, Any], depth: int) -> Iterator[Any]:
        first = [
            (self.values(one, depth + 1) or [None])[0] for one in schema.get("prefixItems", ())
        ]
        items = self.values(schema.get("items", schema.get("contains", True)), depth + 1)
        if items or not schema.get("minItems"):
            least = max(int(schema.get("minItems", 0)) - len(first), 0)
            yield first + (items * (least + 1))[:least]
        for size in _near(schema, "minItems", "maxItems"):
            if items and size <= 50:
                yield (first + items * size)[:size]
                yield (first + items[:1] * size)[:size]
        for item in items:
            yield [*first, item]
        for place, one in enumerate(schema.get("prefixItems", ())):
            for item in self.values(one, depth + 1):
                yield [*first[:place], item, *first[place + 1 :]]
        yield []

    def _objects(self, schema: dict[str, Any], depth: int) -> Iterator[Any]:
        columns = self._columns(schema, depth)
        required = list(schema.get("required", ()))
        least = {name: (columns.get(name) or ["a"])[0] for name in required}
        every = least | {name: pool[0] for name, pool in columns.items() if pool}
        yield least
        yield every
        for name, pool in columns.items():
            for value in pool:
                yield least | {name: value}
        for name in every:
            yield {other: value for other, value in every.items() if other != name}
        for name in _names(schema, self._root):
            yield least | {name: (columns.get(name) or ["a"])[0]}
        for pattern in schema.get("patternProperties", {}):
            for name in examples(pattern, count=3):
                for value in self.values(schema["patternProperties"][pattern], depth + 1)[:8]:
                    yield least | {name: value}
        spare = schema.get("additionalProperties", schema.get("unevaluatedProperties", True))
        for value in self.values(spare, depth + 1)[:12]:
            yield least | {"lain": value}
        for size in _near(schema, "minProperties", "maxProperties"):
            yield every | {f"lain{n}": "a" for n in range(max(0, size - len(every)))}

    def _columns(self, schema: dict[str, Any], depth: int) -> dict[str, list[Any]]:
        properties = schema.get("properties", {})
        return {name: self.values(one, depth + 1) for name, one in properties.items()}


def _alternatives(schema: dict[str, Any]) -> Iterator[Any]:
    """The schema with each of its branches laid over it: what a value of that branch looks like."""
    words = (*_BRANCHES, *_CONDITIONS, "dependentSchemas")
    plain = {word: value for word, value in schema.items() if word not in words}
    if "allOf" in schema:
        whole: Any = plain
        for branch in schema["allOf"]:
            whole = _merged(whole, branch)
        yield whole
    for word in _BRANCHES:
        for branch in schema.get(word, ()):
            yield _merged(plain, branch)
    for word in _CONDITIONS:
        if word in schema:
            yield _merged(plain, schema[word])
    if "if" in schema and isinstance(schema.get("then"), dict):
        yield _merged(_merged(plain, schema["if"]), schema["then"])
    for branch in schema.get("dependentSchemas", {}).values():
        yield _merged(plain, branch)


def _merged(below: Any, above: Any) -> Any:
    """One schema that says what both say, where both can be said at once."""
    if not isinstance(above, dict) or not isinstance(below, dict):
        return above if isinstance(above, dict) else below
    made = {**below, **above}
    for word in ("properties", "patternProperties", "dependentRequired"):
        if isinstance(below.get(word), dict) and isinstance(above.get(word), dict):
            shared = below[word].keys() & above[word].keys()
            both = {name: _merged(below[word][name], above[word][name]) for name in shared}
            made[word] = {**below[word], **above[word], **both}
    if "required" in below and "required" in above:
        made["required"] = list(dict.fromkeys([*below["required"], *above["required"]]))
    for word in _BRANCHES:
        if word in below and word in above:
            made[word] = [*below[word], *above[word]]
    return made


def _names(schema: dict[str, Any], root: Any) -> Iterator[str]:
    """Names that rules about names speak of."""
    rule = schema.get("propertyNames")
    if isinstance(rule, dict):
        stated = [rule.get("const"), *rule.get("enum", ()), *examples(str(rule.get("pattern", "")))]
        yield from (name for name in [*stated, "a" * 40, "A"] if isinstance(name, str))
    for trigger, names in schema.get("dependentRequired", {}).items():
        yield from (trigger, *names)
    yield from schema.get("dependentSchemas", {})


def _texts(schema: dict[str, Any]) -> Iterator[str]:
    lengths = tuple(size for size in _near(schema, "minLength", "maxLength") if size <= 5_000)
    stated = schema.get("format")
    if isinstance(stated, str):
        yield from _GOOD.get(stated, ())
    if isinstance(schema.get("pattern"), str):
        # Lengths of the whole text, less what surrounds a repeated part.
        parts = tuple(n - less for n in lengths for less in range(4) if n > less)
        yield from examples(schema["pattern"], parts)
    yield "a"
    for size in lengths:
        yield "a" * size
        yield "0" * size
    yield from _TEXTS


def _numbers(schema: dict[str, Any], *, whole: bool) -> Iterator[int | float]:
    bounds = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    edges = [schema[word] for word in bounds if isinstance(schema.get(word), int | float)]
    step = schema.get("multipleOf")
    if isinstance(step, int | float) and step:
        start = ceil(edges[0] / step) if edges else 1
        yield from (start * step, (start + 1) * step, (start - 1) * step, 0, step)
    for edge in edges:
        yield from (int(edge), int(edge) + 1, int(edge) - 1, int(edge) + 7, int(edge) - 7)
        if not whole:
            yield from (edge, edge + 0.5, edge - 0.5)
    yield from (0, 1, -1, 7, 1_000_003, -1_000_003, 10**15 + 1)
    if not whole:
        yield from (0.5, 1.25, -0.5, 1e-9)


def _near(schema: dict[str, Any], low: str, high: str) -> list[int]:
    """The sizes at and beside two bounds."""
    stated = [
        int(schema[word]) for word in (low, high) if isinstance(schema.get(word), int | float)
    ]
    return [n for size in stated for n in (size, size + 1, size - 1) if n >= 0]


def _speaks_of(schema: dict[str, Any], kind: str) -> bool:
    words = {"object": ("properties", "required", "patternProperties", "additionalProperties",
                        "propertyNames", "minProperties", "maxProperties", "dependentRequired")}  # fmt: skip
    return any(word in schema for word in words[kind])


def _in_turn(makers: Iterable[Iterable[Any]]) -> Iterator[Any]:
    """One of each, then a second of each, until all are at their end."""
    waiting = [iter(one) for one in makers]
    while waiting:
        for one in list(waiting):
            try:
                yield next(one)
            except StopIteration:
                waiting.remove(one)


def _some(values: Iterable[Any], most: int) -> list[Any]:
    found: dict[str, Any] = {}
    for value in values:
        found.setdefault(json.dumps(value, sort_keys=True), value)
        if len(found) >= most:
            break
    return list(found.values())
