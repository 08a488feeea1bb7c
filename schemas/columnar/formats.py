"""Formats of which a yes is certain; a no may be a maybe."""

from schemas.columnar.days import dates, moments
from schemas.columnar.masks import Mask, settled
from schemas.columnar.texts import Texts

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,40}[A-Za-z0-9])?"
_FORMS = {
    "email": rf"^[A-Za-z0-9](?:[._+-]?[A-Za-z0-9]){{0,60}}@{_LABEL}(?:\.{_LABEL})+$",
    "uuid": "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    "time": "^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$",
    "uri": rf"^https?://{_LABEL}(?:\.{_LABEL})+(?:/[A-Za-z0-9._~-]*)*(?:\?[A-Za-z0-9._~=&/-]*)?$",
}


def has_format(texts: Texts, name: str) -> Mask:
    if name == "date":
        return dates(texts)[1]
    if name == "date-time":
        return moments(texts)[1]
    return settled(texts.found(_FORMS[name]))
