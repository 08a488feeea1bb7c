"""The gate before analyst SQL: an allow-list over the syntax tree that DuckDB's own parser gives.

Engine and gate share a parser, so they cannot disagree on what a text means. Whatever is not known
to be harmless is refused. The gate is the first wall; slices and the worker process are the others.

Tables are written agency.dataset, a hyphen as an underscore, and resolve to datasets only; a name
without a dot resolves to a CTE in scope only. So no CTE can take a dataset's place.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, NoReturn

import duckdb

from catalog.duck import Shared, open_tool
from catalog.errors import QueryRefused
from catalog.sqlfunctions import FUNCTIONS, TABLE_FUNCTIONS

MAX_LENGTH = 20_000
MAX_BRACKETS = 100
MAX_DEPTH = 150
MAX_NODES = 20_000
MAX_RANGE = 10_000_000

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_RESERVED = frozenset({"main", "memory", "temp", "system", "information_schema", "pg_catalog"})

_NODES = frozenset(
    {
        "SELECT_NODE",
        "SET_OPERATION_NODE",
        "RECURSIVE_CTE_NODE",
        "BASE_TABLE",
        "JOIN",
        "SUBQUERY",
        "EXPRESSION_LIST",
        "EMPTY",
        "TABLE_FUNCTION",
        "ORDER_MODIFIER",
        "LIMIT_MODIFIER",
        "LIMIT_PERCENT_MODIFIER",
        "DISTINCT_MODIFIER",
        "ORDER_DEFAULT",
        "ASCENDING",
        "DESCENDING",
    }
)
_EXPRESSIONS = frozenset(
    {
        "BETWEEN",
        "CASE",
        "CAST",
        "COLLATE",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "FUNCTION",
        "LAMBDA",
        "LAMBDA_REF",
        "OPERATOR",
        "POSITIONAL_REFERENCE",
        "STAR",
        "SUBQUERY",
        "TYPE",
        "WINDOW",
    }
)


@dataclass(frozen=True)
class Checked:
    """SQL that may run, and the datasets it reads, named as in SQL ("bkad.sub_kegiatan").

    `columns` holds the names, in lower case, among which the columns it reads are; None is all.
    """

    sql: str
    tables: frozenset[str]
    columns: frozenset[str] | None


def sql_name(agency: str, slug: str) -> str:
    """How a dataset is called in SQL."""
    return f"{agency}.{slug}".replace("-", "_").lower()


def check(sql: str, tables: Collection[str] | None) -> Checked:
    """Let one SELECT over these tables through, or raise QueryRefused.

    `tables` holds what the caller may read, under `sql_name`s. A table that does not exist and one
    that may not be read are refused in the same words. None is for whoever finds out afterwards
    whether the tables of the answer may be read: every name passes that could be a table's.
    """
    _measure(sql)
    tree = _parse(sql)
    statements = tree.get("statements") or []
    if len(statements) != 1:
        _refuse("Hanya satu perintah yang diterima.", "Only one statement is accepted.", "")
    walk = _Walk(sql, None if tables is None else {name.lower() for name in tables})
    walk.visit(statements[0]["node"], frozenset(), 0)
    return Checked(sql, frozenset(walk.used), walk.columns())


def dataset_of(name: str) -> str:
    """The dataset ("agency/slug") of a name in SQL: neither codes nor slugs hold an underscore."""
    return name.replace("_", "-").replace(".", "/")


def _refuse(reason_id: str, reason_en: str, where: str) -> NoReturn:
    raise QueryRefused(reason_id, reason_en, where)


def _measure(sql: str) -> None:
    """Refuse what could hurt the parser itself, before it sees it."""
    if len(sql) > MAX_LENGTH:
        _refuse("Perintah terlalu panjang.", "The query is too long.", f"{len(sql)} > {MAX_LENGTH}")
    if "\0" in sql:
        _refuse("Perintah memuat karakter nol.", "The query holds a null character.", "")
    depth = deepest = 0
    for character in sql:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth -= 1
    if deepest > MAX_BRACKETS:
        _refuse("Kurung terlalu dalam.", "Brackets are nested too deeply.", f"> {MAX_BRACKETS}")


def _open_parser() -> duckdb.DuckDBPyConnection:
    connection = open_tool(None, memory="128MB", threads=1)
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    return connection


_parser = Shared(_open_parser)


def _parse(sql: str) -> dict[str, Any]:
    connection = _parser.cursor()
    try:
        text = connection.execute("SELECT json_serialize_sql(CAST(? AS VARCHAR))", [sql]).fetchall()
        tree: dict[str, Any] = json.loads(text[0][0])
    except (duckdb.Error, RecursionError, ValueError):
        _refuse("Perintah tidak dapat dibaca.", "The query cannot be read.", "")
    finally:
        connection.close()
    if tree.get("error"):
        message = str(tree.get("error_message", ""))[:300]
        _refuse(
            "Hanya SELECT yang benar tulisannya yang diterima.",
            "Only a well-formed SELECT is accepted.",
            message,
        )
    return tree


@dataclass
class _Walk:
    """One pass over the tree; `scope` holds the CTE names that can be seen from a node."""

    sql: str
    allowed: set[str] | None
    used: set[str] = field(default_factory=set)
    nodes: int = 0
    named: set[str] = field(default_factory=set)
    last: set[str] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)
    star: bool = False

    def columns(self) -> frozenset[str] | None:
        """Names that columns are called by; None when some row is read whole."""
        return None if self.star or self.rows & self.last else frozenset(self.named)

    def visit(self, node: object, scope: frozenset[str], depth: int) -> None:
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            _refuse("Perintah terlalu rumit.", "The query is too complex.", "")
        if isinstance(node, list):
            for part in node:
                self.visit(part, scope, depth + 1)
        elif isinstance(node, dict):
            self.nodes += 1
            self._check(node, scope)
            inner = self._names(node, scope, depth)
            for name, part in node.items():
                if name != "cte_map" and isinstance(part, dict | list):
                    self.visit(part, inner, depth + 1)

    def _names(self, node: dict[str, Any], scope: frozenset[str], depth: int) -> frozenset[str]:
        """The scope inside a node: its CTEs in turn, each seeing those before it."""
        entries = (node.get("cte_map") or {}).get("map") or []
        for entry in entries:
            name = self._cte_name(entry["key"], node)
            self.visit(entry["value"], scope, depth + 1)
            scope |= {name}
        if node.get("type") == "RECURSIVE_CTE_NODE":
            scope |= {self._cte_name(node.get("cte_name"), node)}
        return scope

    def _cte_name(self, name: object, node: dict[str, Any]) -> str:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self._stop("Nama WITH tidak sah.", "The name after WITH is not valid.", node)
        return name.lower()

    def _check(self, node: dict[str, Any], scope: frozenset[str]) -> None:
        kind, class_ = node.get("type"), node.get("class")
        if class_ is not None:
            if class_ not in _EXPRESSIONS:
                self._stop(
                    f"Ungkapan {class_} tidak diterima.", f"{class_} is not accepted here.", node
                )
        elif isinstance(kind, str) and kind not in _NODES:
            self._stop(f"{kind} tidak diterima.", f"{kind} is not accepted.", node)
        if class_ is None and kind == "BASE_TABLE":
            self._table(node, scope)
        elif class_ is None and kind == "TABLE_FUNCTION":
            self._table_function(node)
        if "function_name" in node:
            self._function(node)
        if class_ in {"TYPE", "COLLATE"}:
            self._plain_names(node)
        self._reads(node, kind, class_)

    def _reads(self, node: dict[str, Any], kind: object, class_: object) -> None:
        """Note what columns a node may read: a table's own name or alias stands for its whole row."""
        if class_ == "COLUMN_REF":
            parts = [str(part).lower() for part in node.get("column_names") or []]
            self.named |= {*parts}
            self.last |= {*parts[-1:]}
        elif class_ == "STAR" or node.get("ref_type") == "NATURAL":
            self.star = True
        elif kind == "JOIN":
            self.named |= {str(name).lower() for name in node.get("using_columns") or []}
        elif kind == "BASE_TABLE":
            path = node["qualified_name"]["path"]
            self.rows |= {str(node.get("alias") or path[-1]).lower()}

    def _table(self, node: dict[str, Any], scope: frozenset[str]) -> None:
        path = [str(part) for part in node["qualified_name"]["path"]]
        plain = [node.get("catalog_name"), node.get("schema_name"), node.get("table_name")]
        if [part for part in plain if part] != path or node.get("at_clause"):
            self._unknown(node, ".".join(path))
        if not all(_NAME.fullmatch(part) for part in path):
            self._unknown(node, ".".join(path))
        name = ".".join(path).lower()
        if len(path) == 1 and name in scope:
            return
        if len(path) != 2 or path[0].lower() in _RESERVED:
            self._unknown(node, name)
        if self.allowed is not None and name not in self.allowed:
            self._unknown(node, name)
        self.used.add(name)

    def _unknown(self, node: dict[str, Any], name: str) -> NoReturn:
        shown = name[:80]
        self._stop(
            f"Tabel “{shown}” tidak ada atau tidak boleh Anda baca; tulis instansi.dataset.",
            f"There is no table “{shown}” that you may read; write agency.dataset.",
            node,
        )

    def _table_function(self, node: dict[str, Any]) -> None:
        call = node.get("function") or {}
        name = str(call.get("function_name", "")).lower()
        if name not in TABLE_FUNCTIONS:
            self._stop(
                f"Fungsi tabel “{name[:60]}” tidak diterima.",
                f"The table function “{name[:60]}” is not accepted.",
                node,
            )

    def _function(self, node: dict[str, Any]) -> None:
        name = str(node["function_name"]).lower()
        qualified = node.get("schema") or node.get("catalog")
        path = (node.get("qualified_name") or {}).get("path") or [name]
        if qualified or len(path) != 1 or name not in FUNCTIONS or node.get("export_state"):
            shown = ".".join(str(part) for part in path)[:60]
            self._stop(
                f"Fungsi “{shown}” tidak diterima.",
                f"The function “{shown}” is not accepted.",
                node,
            )
        if name in {"range", "generate_series", "repeat"}:
            self._bounded(node, name)

    def _bounded(self, node: dict[str, Any], name: str) -> None:
        for argument in node.get("arguments") or []:
            literal = (argument.get("expression") or {}).get("literal") or {}
            text = str(literal.get("text", ""))
            if literal.get("kind") == "INTEGER" and int(text) > MAX_RANGE:
                self._stop(
                    f"“{name}” melebihi {MAX_RANGE}.", f"“{name}” goes beyond {MAX_RANGE}.", node
                )

    def _plain_names(self, node: dict[str, Any]) -> None:
        """Types and collations are named plainly; a qualified one could name anything."""
        path = (node.get("qualified_name") or {}).get("path") or []
        if node.get("schema") or node.get("catalog") or len(path) > 1:
            self._stop("Jenis tidak dikenal.", "The type is not known.", node)

    def _stop(self, reason_id: str, reason_en: str, node: dict[str, Any]) -> NoReturn:
        place, length = node.get("query_location"), node.get("query_location_length") or 40
        encoded = self.sql.encode()
        where = ""
        if isinstance(place, int) and place < len(encoded):
            where = encoded[place : place + min(int(length), 80)].decode(errors="replace")
        _refuse(reason_id, reason_en, where)
