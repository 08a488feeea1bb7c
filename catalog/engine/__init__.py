"""Running analyst SQL that has passed the gate, over slices, in processes that can be killed."""

from catalog.engine.contract import (
    Capabilities,
    Engine,
    Limits,
    Opened,
    Tables,
    Told,
    capped,
    types_of,
)
from catalog.engine.pool import DuckDBWorkers

__all__ = [
    "Capabilities",
    "DuckDBWorkers",
    "Engine",
    "Limits",
    "Opened",
    "Tables",
    "Told",
    "capped",
    "types_of",
]
