"""`simpul replay`: a year of requests in seconds, to see what the rules do before they are in force."""

from typing import Annotated

import typer

from hub.cli.output import AsJson, note, refuse, show
from hub.cli.serving import db_upgrade


def replay(
    year: Annotated[int, typer.Option(help="The year to replay.", min=2025, max=2100)] = 2026,
    agencies: Annotated[int, typer.Option(help="Agencies in it.", min=5, max=99)] = 40,
    requests: Annotated[int, typer.Option(help="Requests in it.", min=1, max=100_000)] = 5000,
    seed: Annotated[int, typer.Option(help="The same seed replays the same year.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Replay a year of requests into an empty home: who answers, stalls, refuses late and objects."""
    from hub.demo.year import playing
    from hub.errors import HubError
    from hub.settings import load_settings

    db_upgrade()
    settings = load_settings()
    try:
        played = playing.play(
            settings, year=year, agencies=agencies, requests=requests, seed=seed, say=note
        )
    except HubError as error:
        raise refuse(f"{error.message_id}\n{error.message_en}") from error
    if as_json:
        told = {"requests": played.told.requests, "states": dict(played.told.states)}
        show(told | {"scores": played.scores, "username": played.username}, as_json=True)
        return
    for state, number in sorted(played.told.states.items()):
        typer.echo(f"{number:>7}  {state}")
    typer.echo(f"\nsimpul serve, lalu /skor/laporan/{year}: {played.username} {played.password}")
