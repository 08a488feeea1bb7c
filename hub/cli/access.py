"""Commands about access: recorded decisions made again, grants tried now."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from hub.cli.configuration import configured
from hub.cli.output import AsJson, refuse, show


def replay(
    since: Annotated[
        datetime | None, typer.Option(help="Only decisions from this moment on (UTC).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make recorded decisions again from what they were made from; each must come out the same."""
    from hub.access.replay import replay as replayed
    from hub.cli.desk import control_plane
    from hub.db import reading

    moment = since.replace(tzinfo=UTC) if since else None
    with control_plane(configured()) as engine, reading(engine) as session:
        count, faults = 0, []
        for one in replayed(session, since=moment):
            count += 1
            if not one.same:
                faults.append({"decision": one.id, "fault": one.fault})
    told: dict[str, Any] = {"decisions": count, "same": count - len(faults)}
    show({**told, "faults": faults} if as_json else told, as_json=as_json)
    if faults:
        lines = [f"{one['decision']}: {one['fault']}" for one in faults[:20]]
        raise refuse("\n".join(["TIDAK sama / NOT the same", *lines]))


def check(as_json: AsJson = False) -> None:
    """Try every grant now: live ones must read a row, ended ones must be refused."""
    from hub.access import grant_health
    from hub.access.reader import reader_of
    from hub.cli.desk import control_plane
    from hub.db import open_engine
    from hub.ledger.evidence import Evidence
    from hub.ledger.service import Ledger

    settings = configured()
    with control_plane(settings) as engine:
        evidence = Evidence(open_engine(settings.database), Ledger.of(settings))
        try:
            found = grant_health.check_all(reader_of(settings, engine, evidence))
        finally:
            evidence.close()
    told = {"live": found.live, "ended": found.ended, "drift": len(found.drift)}
    show({**told, "drift": found.drift} if as_json else told, as_json=as_json)
    if found.drift:
        lines = [f"{one['grant']} {one['dataset']}: {one['found']}" for one in found.drift[:20]]
        raise refuse("\n".join(["Ada yang menyimpang / some drift", *lines]))
