"""The rules of `x-aturan`, evaluated row by row on JSON values with decimal numbers: slow, and hard to get wrong."""

from datetime import datetime
from decimal import Context, Decimal
from itertools import pairwise
from typing import Any

EXACT = Context(prec=200)


def broken(rule: dict[str, Any], row: dict[str, Any]) -> list[str]:
    """Pointers at which the row breaks the rule."""
    if any(row.get(name) not in values for name, values in rule.get("bila", {}).items()):
        return []
    match rule["jenis"]:
        case "jumlah":
            return _compared(rule, [_term(term, row) for term in rule["suku"]], EXACT.add, row)
        case "hasil-kali":
            return _compared(rule, [_term(f, row) for f in rule["faktor"]], EXACT.multiply, row)
        case "urutan":
            return _falls(rule, row)
        case how:
            target = _part(rule["kolom"], row)
            parts = [_part(part, row) for part in rule["bagian"]]
            if target is None or None in parts:
                return []
            made = "".join(str(part) for part in parts)
            fine = {"gabungan": target == made, "awalan": target[: len(made)] == made}
            fine["akhiran"] = target[len(target) - len(made) :] == made and len(made) <= len(target)
            named = rule["kolom"] if isinstance(rule["kolom"], str) else rule["kolom"]["kolom"]
            return [] if fine[how] else [pointer(named)]


def pointer(name: str) -> str:
    return name if name.startswith("/") else f"/{name}"


def at(name: str, row: Any) -> Any:
    for token in pointer(name)[1:].split("/"):
        row = row.get(token) if isinstance(row, dict) else None
    return row


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(repr(value))


def _term(term: Any, row: dict[str, Any]) -> Decimal | None:
    term = {"kolom": term} if isinstance(term, str) else term
    value = at(term["kolom"], row)
    if value is None:
        number = _number(term.get("kosong"))
    elif isinstance(value, list):
        number = Decimal(0)
        for one in value:
            member = one.get(term["anggota"]) if "anggota" in term else one
            number = number if member is None else EXACT.add(number, Decimal(repr(member)))
    else:
        number = _number(value)
    if term.get("tambah_persen") and number is not None:
        return EXACT.add(1, EXACT.divide(number, Decimal(100)))
    return number


def _compared(rule: dict[str, Any], terms: list[Any], join: Any, row: dict[str, Any]) -> list[str]:
    relation = next(r for r in ("sama_dengan", "paling_banyak", "paling_sedikit") if r in rule)
    said = rule[relation]
    bound = _number(at(said, row) if isinstance(said, str) else said)
    if bound is None or None in terms:
        return []
    made = terms[0]
    for term in terms[1:]:
        made = join(made, term)
    over, tolerance = EXACT.subtract(made, bound), Decimal(repr(rule.get("toleransi", 0)))
    fine = {
        "sama_dengan": -tolerance <= over <= tolerance,
        "paling_banyak": over <= tolerance,
        "paling_sedikit": over >= -tolerance,
    }[relation]
    first = rule.get("suku", rule.get("faktor"))[0]
    first = first if isinstance(first, str) else first["kolom"]
    equal = relation == "sama_dengan" and isinstance(said, str)
    return [] if fine else [pointer(said if equal else first)]


def _part(part: Any, row: dict[str, Any]) -> str | None:
    if isinstance(part, dict) and "teks" in part:
        return str(part["teks"])
    part = {"kolom": part} if isinstance(part, str) else part
    value = at(part["kolom"], row)
    if value is None:
        return None
    text = str(value).replace(part["tanpa"], "") if "tanpa" in part else str(value)
    if "digit" in part:
        sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
        return sign + "0" * (part["digit"] - len(text)) + digits
    if "pisah" in part:
        cut = text.split(part["pisah"])
        return cut[part["ke"] - 1] if part["ke"] <= len(cut) else ""
    return text


def _falls(rule: dict[str, Any], row: dict[str, Any]) -> list[str]:
    filled = [(n, v) for n in rule["kolom"] if (v := at(n, row)) is not None]
    comparable = [(name, _comparable(value)) for name, value in filled]
    pairs = pairwise(comparable)
    return [pointer(name) for (_, before), (name, here) in pairs if here < before]


def _comparable(value: Any) -> Any:
    if not isinstance(value, str):
        return _number(value)
    return datetime.fromisoformat(value) if "T" in value else value
