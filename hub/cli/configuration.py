"""The settings as a command finds them; what is wrong with one is said in a line each."""

from typing import TYPE_CHECKING

from hub.cli.output import USAGE, refuse

if TYPE_CHECKING:
    from hub.settings import Settings


def configured() -> "Settings":
    from pydantic import ValidationError

    from hub.settings import load_settings

    try:
        return load_settings()
    except ValidationError as error:
        wrong = (
            f"SIMPUL_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
            for fault in error.errors()
        )
        raise refuse("\n".join(wrong), USAGE) from error
