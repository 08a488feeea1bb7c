"""Options of a source, judged by its JSON Schema before anything is opened."""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from connectors.errors import OptionFault, OptionsInvalid, Sentence

_SAID: dict[str, Sentence] = {
    "required": Sentence(id="ada isian wajib yang kosong", en="a required field is missing"),
    "type": Sentence(id="jenis nilainya salah", en="the value has the wrong type"),
    "enum": Sentence(id="nilainya di luar pilihan", en="the value is not one of the choices"),
    "pattern": Sentence(id="bentuk nilainya salah", en="the value has the wrong form"),
    "additionalProperties": Sentence(id="isian tidak dikenal", en="the field is not known"),
    "minimum": Sentence(id="nilainya terlalu kecil", en="the value is too small"),
    "exclusiveMinimum": Sentence(id="nilainya terlalu kecil", en="the value is too small"),
    "maximum": Sentence(id="nilainya terlalu besar", en="the value is too large"),
    "minLength": Sentence(id="isian kosong", en="the field is empty"),
}
_OTHER = Sentence(id="nilainya tidak sesuai", en="the value does not fit")


def validated(schema: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with the schema's defaults filled in; raises OptionsInvalid with every fault.

    A fault never repeats a value: it may be a secret.
    """
    validator = jsonschema_rs.Draft202012Validator(dict(schema))
    faults = [_fault(error) for error in validator.iter_errors(dict(values))]
    if faults:
        raise OptionsInvalid(faults)
    defaults = {
        name: rule["default"] for name, rule in schema["properties"].items() if "default" in rule
    }
    return {**defaults, **values}


def secret_names(schema: Mapping[str, Any]) -> frozenset[str]:
    """Names of the properties marked `writeOnly`."""
    properties: Mapping[str, Mapping[str, Any]] = schema["properties"]
    return frozenset(name for name, rule in properties.items() if rule.get("writeOnly"))


def split_secrets(
    schema: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What may be shown, and what is stored encrypted."""
    hidden = secret_names(schema)
    shown = {name: value for name, value in values.items() if name not in hidden}
    return shown, {name: value for name, value in values.items() if name in hidden}


def _fault(error: jsonschema_rs.ValidationError) -> OptionFault:
    field = ".".join(map(str, error.instance_path)) or _named_in(error)
    said = _SAID.get(error.kind.name, _OTHER)
    lead = f"{field}: " if field else ""
    return OptionFault(field, Sentence(id=f"{lead}{said.id}.", en=f"{lead}{said.en}."))


def _named_in(error: jsonschema_rs.ValidationError) -> str:
    """The field that a fault of the whole object is about, when it names one."""
    missing = getattr(error.kind, "property", None)
    if isinstance(missing, str):
        return missing
    unexpected = getattr(error.kind, "unexpected", None)
    return ", ".join(map(str, unexpected)) if isinstance(unexpected, list) else ""
