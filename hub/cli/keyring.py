"""Commands for the keys that sign tokens, on the hub's own machine."""

from typing import Annotated

import typer

from hub.cli.output import AsJson, show


def listed(as_json: AsJson = False) -> None:
    """The keys that sign and verify tokens; the last one signs."""
    from hub.auth.keys import SigningKeys
    from hub.auth.rotation import states
    from hub.cli.configuration import configured

    rows = [
        {
            "kid": state.kid,
            "made_at": state.made_at.isoformat(),
            "retired_at": state.retired_at.isoformat() if state.retired_at else None,
        }
        for state in states(SigningKeys(configured().keys))
    ]
    show(rows, as_json=as_json)


def rotate(as_json: AsJson = False) -> None:
    """Make a new key, which signs from now on; a running hub takes it up by itself."""
    from hub.auth.keys import SigningKeys
    from hub.cli.configuration import configured
    from hub.cli.desk import desk
    from hub.ledger.entry import Target

    with desk() as at:
        kid = SigningKeys(configured().keys).rotate()
        target = Target("signing-key", kid)
        at.ledger.record(at.session, kind="signing-key.made", actor=at.by, target=target)
    show({"kid": kid}, as_json=as_json)


def remove(
    kid: Annotated[str, typer.Argument(help="Name of a key that signs no more.")],
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Also while its tokens are good; they end with it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove an old key, once the tokens that it signed have ended."""
    from hub.auth import rotation
    from hub.auth.keys import SigningKeys
    from hub.calendar import real_now
    from hub.cli.configuration import configured
    from hub.cli.desk import desk
    from hub.ledger.entry import Target

    settings = configured()
    with desk() as at:
        target = Target("signing-key", kid)
        at.ledger.record(at.session, kind="signing-key.removed", actor=at.by, target=target)
        rotation.remove(
            SigningKeys(settings.keys),
            kid,
            token_seconds=settings.token_seconds,
            now=real_now(),
            at_once=at_once,
        )
    show({"kid": kid}, as_json=as_json)
