"""Kinds of source by name: the built-in ones, and those of packages that are installed beside us."""

import importlib.metadata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors.base import Bounds, Source
from connectors.errors import KindUnknown
from connectors.folder import Folder
from connectors.http_json import HttpJson
from connectors.options import validated
from connectors.transport import NetworkPolicy

ENTRY_POINTS = "simpul.connectors"
_BUILT_IN: dict[str, type[Source]] = {"http-json": HttpJson, "folder": Folder}


def kinds() -> dict[str, type[Source]]:
    """Every kind that can be opened here, by name; a package that fails to load is left out."""
    found = dict(_BUILT_IN)
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        # A package must not replace a built-in kind behind the steward's back.
        if entry.name not in found:
            try:
                found[entry.name] = entry.load()
            except (ImportError, AttributeError):
                continue
    return found


def kind(name: str) -> type[Source]:
    """Raises KindUnknown; loads no more than the one package that is asked for."""
    if name in _BUILT_IN:
        return _BUILT_IN[name]
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS, name=name):
        try:
            loaded: type[Source] = entry.load()
        except (ImportError, AttributeError) as error:
            raise KindUnknown(name, str(error)) from error
        return loaded
    raise KindUnknown(name)


def open_source(
    name: str,
    options: Mapping[str, Any],
    secrets: Mapping[str, Any],
    *,
    work: Path,
    network: NetworkPolicy,
    roots: Sequence[Path] = (),
) -> Source:
    """A source ready to be checked or read; nothing is contacted yet.

    `work` is a directory that exists. Raises KindUnknown, OptionsInvalid.
    """
    of_kind = kind(name)
    merged = validated(of_kind.options_schema, {**options, **secrets})
    return of_kind(merged, Bounds(work=work, network=network, roots=tuple(roots)))
