"""JSON objects whose members no model knows: options, steps, filters."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator


def _sound(value: object) -> object:
    """JSON can spell half a surrogate pair; in a field of fixed type Pydantic itself refuses it."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError("a text holds half a surrogate pair") from error
    return value


FreeObject = Annotated[dict[str, Any], AfterValidator(_sound)]
