"""Which hub, and as whom: options that every command of a hub shares, and what `login` remembers."""

import functools
import inspect
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.output import Language, answers, refuse

if TYPE_CHECKING:
    from hub.client import Simpul

CREDENTIALS = Path("~/.config/simpul/credentials.json")
DEFAULT_URL = "http://127.0.0.1:8000"
PANEL = "Which hub, and as whom"

Url = Annotated[
    str | None,
    typer.Option(envvar="SIMPUL_URL", help="The hub, when not signed in.", rich_help_panel=PANEL),
]
ClientId = Annotated[
    str | None,
    typer.Option(envvar="SIMPUL_CLIENT_ID", help="A program.", rich_help_panel=PANEL),
]
ClientSecret = Annotated[
    str | None,
    typer.Option(envvar="SIMPUL_CLIENT_SECRET", help="Its secret.", rich_help_panel=PANEL),
]
Token = Annotated[
    str | None,
    typer.Option(envvar="SIMPUL_TOKEN", help="A personal token.", rich_help_panel=PANEL),
]
Lang = Annotated[
    Language,
    typer.Option(
        envvar="SIMPUL_LANG", help="Language of the hub's sentences.", rich_help_panel=PANEL
    ),
]


def at_the_hub(command: Callable[..., None]) -> Callable[..., None]:
    """Opens the hub that the shared options name, gives it to the command, and ends as it answers.

    The command takes the hub first; its other parameters stay its own. The shared options are
    added to its signature, where Typer looks for them.
    """

    @functools.wraps(command, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
    def run(
        *,
        url: Url = None,
        client_id: ClientId = None,
        client_secret: ClientSecret = None,
        token: Token = None,
        lang: Lang = "id",
        **own: Any,
    ) -> None:
        found = known(url, client_id, client_secret, token)
        with (
            answers(as_json=bool(own.get("as_json")), language=lang),
            hub_of(found, lang) as hub,
        ):
            command(hub, **own)

    _hub, *own = inspect.signature(command).parameters.values()
    *shared, _rest = inspect.signature(run, follow_wrapped=False).parameters.values()
    parameters = [one.replace(kind=one.KEYWORD_ONLY) for one in (*own, *shared)]
    # What Typer reads; the hub itself is not an option of any command.
    vars(run)["__signature__"] = inspect.Signature(parameters)
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


def known(
    url: str | None, client_id: str | None, client_secret: str | None, token: str | None
) -> dict[str, str]:
    """What the options say, over what `simpul login` remembered."""
    found = _remembered()
    if client_id or token:
        found = {name: value for name, value in found.items() if name == "url"}
    said = {"url": url, "client_id": client_id, "client_secret": client_secret, "token": token}
    return found | {name: value for name, value in said.items() if value}


def hub_of(found: dict[str, str], language: Language = "id") -> "Simpul":
    from hub.client import Simpul

    return Simpul(
        found.get("url", DEFAULT_URL),
        found.get("client_id"),
        found.get("client_secret"),
        token=found.get("token"),
        language=language,
    )


def remember(found: dict[str, str]) -> Path:
    """Write the credentials file, for its owner alone."""
    path = CREDENTIALS.expanduser()
    path.parent.mkdir(parents=True, exist_ok=True, mode=stat.S_IRWXU)
    path.touch(mode=stat.S_IRUSR | stat.S_IWUSR)
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)  # also one that was there
    path.write_text(json.dumps(found))
    return path


def _remembered() -> dict[str, Any]:
    path = CREDENTIALS.expanduser()
    if not path.exists():
        return {}
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
    except ValueError as error:
        raise refuse(
            f"{path} rusak; jalankan `simpul login` lagi / is damaged, sign in again."
        ) from error
    return {name: value for name, value in found.items() if value}
