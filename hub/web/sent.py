"""A form whose fields are not known beforehand: what it sent, as texts."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

MOST_FIELDS = 2100
LONGEST = 4000


@dataclass(frozen=True)
class Sent:
    """Every field in the order in which it was sent; a field may come more than once."""

    pairs: tuple[tuple[str, str], ...]

    def one(self, name: str) -> str:
        """The last of that name without the blanks around it; empty when there is none."""
        return next((value.strip() for key, value in reversed(self.pairs) if key == name), "")

    def many(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]

    @property
    def key(self) -> str:
        return self.one("key")

    @property
    def said(self) -> tuple[str, ...]:
        """Everything but the form's own key, for telling one form from another."""
        return tuple(part for pair in self.pairs if pair[0] != "key" for part in pair)


NOTHING = Sent(())


async def get_sent(request: Request) -> Sent:
    form = await request.form(max_fields=MOST_FIELDS)
    pairs = ((name, value) for name, value in form.multi_items() if isinstance(value, str))
    return Sent(tuple((name, value[:LONGEST]) for name, value in pairs))


SentDep = Annotated[Sent, Depends(get_sent)]
