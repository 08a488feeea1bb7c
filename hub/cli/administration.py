"""Commands of the operator on the hub's own machine: agencies, people, programs, the instance."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from hub.cli.configuration import configured
from hub.cli.output import USAGE, AsJson, note, refuse, show

Agency = Annotated[str, typer.Option(help="Code of the agency.")]
Title = Annotated[str, typer.Option(help="Jabatan that carries the role.")]

Kind = Literal[
    "sekretariat",
    "inspektorat",
    "dinas",
    "badan",
    "kecamatan",
    "kelurahan",
    "unit",
    "pemerintah-daerah",
    "lainnya",
]
Role = Literal["steward", "head", "walidata", "analyst", "rw", "executive", "auditor"]

PROFILES: dict[str, dict[str, str]] = {
    "paser": {
        "instance_name": "Kabupaten Paser",
        "operator_name": "DKISP Kabupaten Paser",
        "timezone": "Asia/Makassar",
    },
    "bandung": {
        "instance_name": "Kabupaten Bandung",
        "operator_name": "Diskominfo Kabupaten Bandung",
        "timezone": "Asia/Jakarta",
    },
}


def init(
    profile: Annotated[str, typer.Option(help="paser, bandung, or a FILE of SIMPUL_… lines.")],
) -> None:
    """Make the home of an instance and bring its database up to date."""
    from hub.db import open_engine
    from hub.migrations import upgrade
    from hub.settings import INSTANCE_FILE, make_home, write_instance

    home = configured().home
    if (home / INSTANCE_FILE).exists():
        raise refuse(f"{home / INSTANCE_FILE} sudah ada; sunting berkas itu / exists, edit it.")
    if profile in PROFILES:
        write_instance(home, PROFILES[profile])
    elif Path(profile).is_file():
        make_home(home)
        (home / INSTANCE_FILE).write_text(Path(profile).read_text())
    else:
        known = ", ".join(PROFILES)
        raise refuse(f"Profil {profile} tidak ada / no such profile: {known}, FILE", USAGE)
    settings = configured()
    engine = open_engine(settings.database)
    upgrade(engine)
    engine.dispose()
    note(f"{settings.instance_name}: {settings.home}")


def agency_add(
    code: Annotated[str, typer.Argument(help="Short code, as in agency/slug.")],
    name: Annotated[str, typer.Argument(help="Full name.")],
    kind: Annotated[Kind, typer.Option(help="What sort of organisation it is.")] = "lainnya",
    parent: Annotated[str | None, typer.Option(help="Code of the agency it belongs to.")] = None,
    satker_code: Annotated[str, typer.Option(help="kd_satker_str of SIPD and SiRUP.")] = "",
    as_json: AsJson = False,
) -> None:
    """Register an agency."""
    from hub.agencies.models import AgencyKind
    from hub.agencies.service import create_agency
    from hub.calendar import real_now
    from hub.cli.desk import desk

    with desk() as at:
        made = create_agency(
            at.session,
            at.ledger,
            at.by,
            code=code,
            name=name,
            kind=AgencyKind(kind),
            parent=parent,
            satker_code=satker_code,
            now=real_now(),
        )
    show({"code": made.code, "name": made.name, "kind": made.kind.value}, as_json=as_json)


def person_add(
    username: Annotated[str, typer.Argument(help="What she signs in with.")],
    name: Annotated[str, typer.Option(help="Full name.")],
    agency: Agency,
    role: Annotated[Role, typer.Option(help="What the holder may do.")],
    title: Title,
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, help="Asked for when it is not given.")
    ],
    as_json: AsJson = False,
) -> None:
    """Register a person on a post of an agency."""
    from hub.agencies.accounts import create_person
    from hub.agencies.models import HolderKind
    from hub.auth.passwords import hash_password
    from hub.calendar import real_now
    from hub.cli.desk import desk

    with desk() as at:
        made = create_person(
            at.session,
            at.ledger,
            at.by,
            username=username,
            name=name,
            now=real_now(),
            password_hash=hash_password(password, username=username),
        )
        at.seat(agency, title, role, HolderKind.PERSON, made.id)
    show({"username": made.username, "agency": agency, "role": role}, as_json=as_json)


def person_reset_factor(
    username: Annotated[str, typer.Argument(help="Whose code app is lost.")],
) -> None:
    """Take away a lost code app and its recovery codes; for a walidata whom no other can help."""
    from hub.agencies import second_proof
    from hub.auth.service import person_named
    from hub.cli.desk import desk

    with desk() as at:
        person = person_named(at.session, username)
        second_proof.reset(at.session, at.ledger, at.by, person.id)
    note(f"{username} masuk tanpa kode / signs in without a code")


def client_add(
    name: Annotated[str, typer.Argument(help="What the program is for.")],
    agency: Annotated[
        str | None, typer.Option(help="Code of its agency; none for outsiders.")
    ] = None,
    role: Annotated[Role | None, typer.Option(help="What it may do; with --agency.")] = None,
    title: Title = "Aplikasi",
    scope: Annotated[str, typer.Option(help="Space-separated scopes.")] = "catalog:read data:read",
    redirect_uri: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URI", help="Where people who signed in are led back to; again for another."
        ),
    ] = None,
    grant_type: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FLOW",
            help="authorization_code, refresh_token or client_credentials; again for another.",
        ),
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="Runs on a telephone or a desktop: no secret.")
    ] = False,
    jwks: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="FILE of its public keys: no secret."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Register a program; prints its id and its secret, once."""
    if (agency is None) != (role is None):
        raise refuse(
            "--agency dan --role diisi keduanya atau tidak sama sekali / both or neither", USAGE
        )
    from hub.agencies.accounts import create_client
    from hub.agencies.models import HolderKind
    from hub.calendar import real_now
    from hub.cli.desk import desk

    with desk() as at:
        made = create_client(
            at.session,
            at.ledger,
            at.by,
            name=name,
            scope=scope,
            now=real_now(),
            jwks=None if jwks is None else _read_keys(jwks),
            token_endpoint_auth_method="none" if public else None,
            redirect_uris=redirect_uri or (),
            grant_types=grant_type,
        )
        if agency is not None and role is not None:
            at.seat(agency, title, role, HolderKind.CLIENT, made.client_id)
    said = {"client_id": made.client_id, "client_secret": made.secret, "scope": made.scope}
    show(said, as_json=as_json)


def _read_keys(path: Path) -> dict[str, Any]:
    try:
        keys = json.loads(path.read_bytes())
    except ValueError:
        keys = None
    if not isinstance(keys, dict):
        raise refuse(f'{path}: bukan JSON {{"keys": […]}} / not JSON {{"keys": […]}}', USAGE)
    return keys
