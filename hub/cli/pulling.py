"""Commands of the one who looks after pull sources."""

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.connection import at_the_hub
from hub.cli.output import AsJson, refuse, show

if TYPE_CHECKING:
    from hub.client import Simpul

SourceId = Annotated[str, typer.Argument(metavar="ID", help="Name of the source.")]


@at_the_hub
def check(hub: "Simpul", source_id: SourceId, as_json: AsJson = False) -> None:
    """Try each layer of a pull source; names the one that fails."""
    report = hub.ask("POST", f"/api/v1/sources/{source_id}/check")
    show(report if as_json else report["layers"], as_json=as_json)
    if not report["ok"]:
        layer = report["failing"]
        raise refuse(f"Gagal pada lapis {layer} / fails at layer {layer}")


@at_the_hub
def run(hub: "Simpul", source_id: SourceId, as_json: AsJson = False) -> None:
    """Pull from a source now."""
    done = hub.ask("POST", f"/api/v1/sources/{source_id}/run")
    show(done, as_json=as_json)
    if done["outcome"] in ("failed", "refused"):
        raise refuse(f"{done['message_id']}\n{done['message_en']}")
