"""Paths of this hub, as they may be led to after something else was done."""

from urllib.parse import quote


def own_path(path: str) -> str:
    """A path of this hub, else the first page: `//x`, `/\\x` and `/<TAB>/x` lead elsewhere."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if inside and path.isprintable() and "\\" not in path else "/"


def with_next(path: str, next: str) -> str:
    """A path of ours that leads on to `next`; the first page needs no word."""
    onward = own_path(next)
    return path if onward == "/" else f"{path}?next={quote(onward, safe='/')}"
