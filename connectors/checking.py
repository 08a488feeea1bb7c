"""Trying a source layer by layer, so that the steward learns which one failed."""

from collections.abc import Callable, Sequence

from connectors.base import Layer, Report
from connectors.errors import ConnectorError, LayerName, Sentence

Step = tuple[LayerName, Callable[[], Sentence | None]]

_NOT_REACHED = Sentence(
    id="Tidak dicoba karena lapis sebelumnya gagal.", en="Not tried: an earlier layer failed."
)
_DOES_NOT_APPLY = Sentence(id="Tidak berlaku.", en="Does not apply.")


def climb(steps: Sequence[Step]) -> Report:
    """Run the steps until one raises ConnectorError; a step that returns None does not apply."""
    layers: list[Layer] = []
    failed = False
    for name, step in steps:
        if failed:
            layers.append(Layer(name, "skipped", _NOT_REACHED))
            continue
        try:
            said = step()
        except ConnectorError as error:
            failed = True
            layers.append(Layer(name, "failed", error.sentence))
        else:
            layers.append(Layer(name, "ok" if said else "skipped", said or _DOES_NOT_APPLY))
    return Report(tuple(layers))
