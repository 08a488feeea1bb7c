"""Commands around contracts: an agency's key, signing with it, and judging a contract without a hub."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hub.cli.connection import at_the_hub
from hub.cli.output import USAGE, AsJson, note, refuse, show

if TYPE_CHECKING:
    from hub.client import Simpul
    from hub.grants.jws import PrivateKey

Curve = Literal["Ed25519", "P-256"]
Grant = Annotated[str, typer.Argument(help="Number of the grant, such as HA-2025-00001.")]
KeyFile = Annotated[
    Path, typer.Option("--key", exists=True, dir_okay=False, help="Private key: JWK or PEM.")
]


def key(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where the private key will be.")],
    curve: Annotated[Curve, typer.Option(help="Kind of key.")] = "Ed25519",
) -> None:
    """Make a key for an agency: private into FILE, readable by you alone; public onto the screen."""
    from hub.grants.jws import new_key, write_key
    from hub.grants.verify import public_jwk

    made = new_key(curve)
    try:
        write_key(made, file)
    except FileExistsError as error:
        raise refuse(f"{file} sudah ada / exists already") from error
    note(f"{file}: simpan baik-baik, jangan dikirim / keep it safe, send it to nobody")
    show(public_jwk(made.public_key()), as_json=True)


@at_the_hub
def register(
    hub: "Simpul",
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A key: JWK or PEM.")],
    agency: Annotated[str, typer.Option(help="Code of the agency.")],
    name: Annotated[str, typer.Option(help="What people call this key.")],
    as_json: AsJson = False,
) -> None:
    """Register the public half of an agency's key at the hub; the private half stays where it is."""
    body = {"name": name, "jwk": _public(file)}
    show(hub.ask("POST", f"/api/v1/agencies/{agency}/keys", json=body), as_json=as_json)


@at_the_hub
def contract(
    hub: "Simpul",
    grant: Grant,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", dir_okay=False, help="FILE for the whole bundle.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what was agreed, or write it with all its proofs to a file."""
    bundle = hub.ask("GET", f"/api/v1/grants/{grant}/contract")
    if out is not None:
        out.write_text(json.dumps(bundle, indent=2, ensure_ascii=False) + "\n")
        note(f"{out} ditulis / written")
        return
    show(bundle if as_json else json.loads(bundle["text"]), as_json=as_json)


@at_the_hub
def sign(
    hub: "Simpul",
    grant: Grant,
    key: KeyFile,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read a contract and sign it with the agency's key, here; only the signature is sent."""
    from hub.grants import jws

    private = _private(key)
    bundle = hub.ask("GET", f"/api/v1/grants/{grant}/contract")
    _check_text(bundle, grant)
    if not yes:
        show(json.loads(bundle["text"]), as_json=False)
        typer.confirm("Tanda tangani teks ini / sign this text?", abort=True, err=True)
    body = {"jws": jws.sign(private, bundle["text"])}
    signed = hub.ask("POST", f"/api/v1/grants/{grant}/signatures", json=body)
    show(
        {"grant": signed["id"], "state": signed["state"], "digest": signed["digest"]},
        as_json=as_json,
    )


def verify(
    bundle: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="What `simpul grant contract` wrote."),
    ],
    agency_key: Annotated[
        list[str] | None, typer.Option(help="CODE=FILE: the agency's own public key.")
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option(help="Verifier key of the hub (name+id+key).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge a contract without a hub: as it was signed, or which member was altered."""
    from hub.grants import verify as offline

    try:
        document = json.loads(bundle.read_bytes())
    except ValueError as error:
        raise refuse(f"{bundle}: bukan berkas kontrak / no contract bundle ({error})") from error
    outside = dict(_outside(one) for one in agency_key or [])
    report = offline.bundle(document, agency_keys=outside, keys=key or [])
    found = report.as_dict()
    show(found if as_json else found["checks"], as_json=as_json)
    if not report.ok:
        raise refuse("TIDAK terbukti / does NOT hold")


def _check_text(bundle: dict[str, Any], grant: str) -> None:
    """Nobody signs a text other than the one that was asked for and is in force."""
    from hub.grants.verify import alterations

    altered = alterations(bundle["contract"], bundle["text"])
    if altered or bundle["contract"]["id"] != grant:
        said = "; ".join(map(str, altered)) or bundle["contract"]["id"]
        raise refuse(f"Teks kontrak tidak cocok / the text of the contract does not fit: {said}")


def _outside(argument: str) -> tuple[str, dict[str, str]]:
    code, equals, path = argument.partition("=")
    if not (code and equals and Path(path).is_file()):
        raise refuse(f"--agency-key {argument}: tulis / write CODE=FILE", USAGE)
    return code, _public(Path(path))


def _public(path: Path) -> dict[str, str]:
    from hub.grants.verify import open_key_file
    from hub.ledger.verify import NotProven

    try:
        return open_key_file(path)
    except (NotProven, ValueError) as wrong:
        raise refuse(f"{path}: bukan kunci publik / no public key ({wrong})") from wrong


def _private(path: Path) -> "PrivateKey":
    from hub.grants.jws import read_key
    from hub.ledger.verify import NotProven

    try:
        return read_key(path)
    except NotProven as wrong:
        raise refuse(f"Bukan kunci rahasia / no private key: {wrong}") from wrong
