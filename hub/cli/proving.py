"""Commands that prove: the ledger as a whole, or one receipt bundle without a hub."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.configuration import configured
from hub.cli.output import AsJson, refuse, show

if TYPE_CHECKING:
    from hub.ledger.verify import Report


def verify(
    bundle: Annotated[
        Path | None,
        typer.Argument(
            help="A receipt bundle; none: the whole ledger.", exists=True, dir_okay=False
        ),
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option(help="Verifier key you trust (name+id+key).")
    ] = None,
    kept: Annotated[
        list[Path] | None,
        typer.Option(help="Checkpoints kept elsewhere.", exists=True, dir_okay=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Recompute what the ledger claims, and compare it with what was kept outside."""
    report = _whole(key or [], kept or []) if bundle is None else _bundle(bundle, key or [])
    found = report.as_dict()
    show(found if as_json else found["checks"], as_json=as_json)
    if not report.ok:
        raise refuse("TIDAK terbukti / does NOT hold")


def _bundle(path: Path, keys: list[str]) -> "Report":
    from hub.ledger import verify as offline

    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise refuse(f"{path}: bukan berkas bukti / no receipt bundle ({error})") from error
    return offline.bundle(document, keys=keys)


def _whole(keys: list[str], kept: list[Path]) -> "Report":
    from hub.cli.desk import control_plane
    from hub.ledger.check import whole
    from hub.ledger.service import Ledger

    settings = configured()
    with control_plane(settings) as engine:
        trusted = keys or [Ledger.of(settings).signer.vkey]
        return whole(engine, trusted, kept=[path.read_text() for path in kept])
