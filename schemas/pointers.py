"""JSON pointers (RFC 6901)."""

from collections.abc import Iterable


def pointer_of(path: Iterable[str | int]) -> str:
    """JSON pointer of a path."""
    return "".join(f"/{escaped(str(part))}" for part in path)


def escaped(token: str) -> str:
    """A name as one token of a JSON pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def unescaped(token: str) -> str:
    """The name that a token stands for."""
    return token.replace("~1", "/").replace("~0", "~")
