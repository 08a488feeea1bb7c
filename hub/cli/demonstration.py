"""The demonstration regency: loaded once, then served with the bus that it pulls from."""

import json
from typing import Annotated

import typer

from hub.cli.output import USAGE, AsJson, note, refuse, show
from hub.cli.serving import Host, Port, db_upgrade, must_be_free, serve


def demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only load it.")] = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    as_json: AsJson = False,
) -> None:
    """Load the demonstration regency, print its sign-ins, and serve it."""
    if not no_serve:
        must_be_free(host, port)  # first of all: what follows takes its time

    from hub.demo import arriving, loading
    from hub.errors import HubError

    db_upgrade()
    try:
        settings = loading.prepared_settings(port=port)
        if not loading.demo_file(settings).exists():
            must_be_free("127.0.0.1", port + 1)  # for the bus
        loading.load(settings, bus_port=port + 1, say=note)
        settings = loading.move(settings, port=port)
    except HubError as error:
        raise refuse(f"{error.message_id}\n{error.message_en}") from error
    if as_json:
        show(json.loads(loading.demo_file(settings).read_bytes()), as_json=True)
    else:
        typer.echo(loading.sign_ins(settings))
    if no_serve:
        return
    try:
        bus = arriving.bus(port + 1)
    except OSError as error:
        raise refuse(f"Bus LKPP peragaan / the demonstration's bus: {error}", USAGE) from error
    with bus:
        serve(host=host, port=port, workers=1)
