"""The rules of access: a pure function over what was gathered, and the words it answers in.

It says no unless it finds a reason to say yes. Whoever belongs to the producer and works with data
(steward, head, analyst) sees all of it; anybody sees the open part of an open dataset; everybody else
needs a grant that stands. Columns that are personal in every row (`x-data-pribadi`) stay hidden until
a grant names them on a basis; columns that are personal where a row speaks of a person open with any
grant, for the feeds carry PERORANGAN there, but not to the public. What it does not understand it
refuses, with a bell to be rung.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from math import inf
from typing import Any

from catalog.errors import FilterInvalid
from catalog.filters import columns_of
from catalog.models import AccessClass
from catalog.policy import MASKS
from hub.access.inputs import Body, Inputs, canonical, moment
from hub.agencies.roles import OWNING_ROLES
from hub.grants.models import READ, VERIFY
from hub.proceedings.parties import ASKING_ROLES

RULES = "1"
"""Version of `judge`: a change that may answer otherwise gets a new one, and the old stays."""

STRICTNESS = [kind.value for kind in AccessClass]
"""From the most open class to the most closed."""


class Action(StrEnum):
    """What can be done with a dataset.

    Those that read rows need the same leave. AGGREGATE hands out counts that were made before, for
    their audience; VERIFY says of a record that is shown whether it matches.
    """

    ROWS = "rows"
    EXPORT = "export"
    CHANGES = "changes"
    SAMPLE = "sample"
    PROFILE = "profile"
    QUERY = "query"
    AGGREGATE = "aggregate"
    VERIFY = "verify"


class Audience(StrEnum):
    """Who may see a ready-made aggregate: the producer, every member, everybody."""

    AGENCY = "agency"
    REGENCY = "regency"
    PUBLIC = "public"


@dataclass(frozen=True)
class Given:
    """What a yes opens: a policy without the secret that its hashes are salted with."""

    columns: tuple[str, ...] | None = None
    filter: Any = None
    masks: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        masks = [list(mask) for mask in sorted(self.masks)]
        columns = None if self.columns is None else sorted(set(self.columns))
        return {"columns": columns, "filter": self.filter, "masks": masks}


@dataclass(frozen=True)
class Bell:
    """Something that `judge` did not understand."""

    kind: str
    what: str


@dataclass(frozen=True)
class Outcome:
    """The answer of `judge`. `given` is None exactly when it is no; `reason` is one word."""

    reason: str
    given: Given | None = None
    grant: str | None = None
    bells: tuple[Bell, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 over all of it; what a replay is compared by."""
        told = {
            "reason": self.reason,
            "given": None if self.given is None else self.given.as_dict(),
            "grant": self.grant,
            "bells": [[bell.kind, bell.what] for bell in self.bells],
        }
        return sha256(canonical(told)).hexdigest()


def judge(asked: Inputs) -> Outcome:
    """The rules, over nothing but what was gathered: the same inputs always have this outcome."""
    reader, dataset = _reader(asked), asked.dataset.body
    if asked.action not in list(Action):
        return Outcome("unknown_action", bells=(Bell("unknown_action", asked.action),))
    if reader["narrowed"] not in (None, dataset["id"]):
        return Outcome("narrowed_token")
    # Decisions that were kept before tokens were narrowed to actions say nothing of them.
    narrowed_to = reader.get("actions")
    if narrowed_to is not None and asked.action not in narrowed_to:
        return Outcome("narrowed_token")
    if asked.action == Action.AGGREGATE:
        return _for_audience(asked, reader)
    if asked.picked is None and _is_own(reader, dataset):
        return Outcome("own", Given())
    open_class = dataset["class"] == AccessClass.TERBUKA
    if asked.picked is None and open_class and asked.action != Action.VERIFY:
        return Outcome("open", _public(dataset))
    if "data:read" not in reader["scopes"]:
        return Outcome("visitor" if asked.principal is None else "no_scope")
    return _through_a_grant(asked, reader)


def policy_of(grant: Body, dataset: Body) -> Given:
    """What a grant opens: never a personal column that it does not name, or names on no basis."""
    hidden = dict.fromkeys(dataset["must_be_named"], "hide")
    if grant["columns"] is None:
        masks = {**grant["masks"], **hidden}
        return Given(None, grant["filter"], tuple(sorted(masks.items())))
    masks = grant["masks"] if grant["basis"] else {**grant["masks"], **hidden}
    return Given(tuple(grant["columns"]), grant["filter"], tuple(sorted(masks.items())))


_NOBODY: Body = {"id": "", "narrowed": None, "scopes": (), "posts": ()}


def _reader(asked: Inputs) -> Body:
    return _NOBODY if asked.principal is None else asked.principal.body


def _is_own(reader: Body, dataset: Body) -> bool:
    return "data:read" in reader["scopes"] and any(
        post["agency"] == dataset["agency"] and post["role"] in OWNING_ROLES
        for post in reader["posts"]
    )


def _public(dataset: Body) -> Given:
    hidden = {*dataset["must_be_named"], *dataset["when_a_person"]}
    return Given(masks=tuple((column, "hide") for column in sorted(hidden)))


def _for_audience(asked: Inputs, reader: Body) -> Outcome:
    """Counts that were made before; whoever makes and keeps them suppresses what is too small.

    Of a dataset that is excluded by law they stay with its agency, and only of an open one do they
    leave the regency, whatever audience they were made for.
    """
    if asked.audience not in list(Audience):
        bell = Bell("unknown_audience", str(asked.audience))
        return Outcome("unknown_audience", bells=(bell,))
    dataset, reads = asked.dataset.body, "data:read" in reader["scopes"]
    if reads and any(post["agency"] == dataset["agency"] for post in reader["posts"]):
        return Outcome("audience", Given())
    wider = asked.audience != Audience.AGENCY and dataset["class"] != AccessClass.DIKECUALIKAN
    public = asked.audience == Audience.PUBLIC and dataset["class"] == AccessClass.TERBUKA
    ok = wider and ((reads and bool(reader["posts"])) or public)
    return Outcome("audience", Given()) if ok else Outcome("not_of_the_audience")


def _through_a_grant(asked: Inputs, reader: Body) -> Outcome:
    wanted = [
        one.body
        for one in asked.grants
        if asked.picked in (None, one.body["id"]) and asked.purpose in (None, one.body["purpose"])
    ]
    faults = {grant["id"]: tuple(_faults(asked, reader, grant)) for grant in wanted}
    bells = tuple(bell for found in faults.values() for bell in found)
    standing = [grant for grant in wanted if not faults[grant["id"]] and _wide_enough(asked, grant)]
    use = VERIFY if asked.action == Action.VERIFY else READ
    usable = [grant for grant in standing if grant["use"] == use]
    if not usable:
        return Outcome("no_grant", bells=bells)
    if asked.action == Action.EXPORT:
        usable = [grant for grant in usable if grant["may_store"] is True]
        if not usable:
            return Outcome("may_not_store", bells=bells)
    chosen = max(usable, key=_width)
    return Outcome("grant", policy_of(chosen, asked.dataset.body), chosen["id"], bells)


def _wide_enough(asked: Inputs, grant: Body) -> bool:
    """A grant opens nothing that was closed further since."""
    return STRICTNESS.index(asked.dataset.body["class"]) <= STRICTNESS.index(grant["class"])


def _faults(asked: Inputs, reader: Body, grant: Body) -> Iterator[Bell]:
    """What should not be in a grant that was gathered for this reader at this moment."""
    name, now = grant["id"], moment(asked.at)
    if grant["flaw"] is not None:
        yield Bell("contract_does_not_stand", f"{name}: {grant['flaw']}")
    if grant["target"] != ["dataset", asked.target]:
        yield Bell("grant_on_something_else", name)
    if not _is_grantee(reader, grant):
        yield Bell("grant_of_somebody_else", name)
    if grant["revoked_at"] is not None or not grant["starts_at"] <= now < grant["expires_at"]:
        yield Bell("grant_outside_its_time", name)
    if grant["class"] not in STRICTNESS:
        yield Bell("unknown_class", f"{name}: {grant['class']}")
    if grant["use"] not in (READ, VERIFY):
        yield Bell("unknown_use", f"{name}: {grant['use']}")
    if not _are_columns(grant["columns"]):
        yield Bell("columns_are_no_list", name)
    if not _are_masks(grant["masks"]):
        yield Bell("unknown_mask", f"{name}: {grant['masks']}")
    if not _is_filter(grant["filter"], asked.dataset.body["columns"]):
        yield Bell("filter_is_no_filter", name)


def _is_grantee(reader: Body, grant: Body) -> bool:
    if grant["agency"] is None:
        return bool(grant["party"]) and grant["party"] == reader["id"]
    return any(
        post["agency"] == grant["agency"] and post["role"] in ASKING_ROLES
        for post in reader["posts"]
    )


def _are_columns(columns: Any) -> bool:
    return columns is None or (
        isinstance(columns, list) and all(isinstance(name, str) for name in columns)
    )


def _are_masks(masks: Any) -> bool:
    return isinstance(masks, dict) and all(
        isinstance(kind, str) and kind in MASKS for kind in masks.values()
    )


def _is_filter(tree: Any, columns: Sequence[str]) -> bool:
    """None is no filter; everything else must be one that these columns can answer."""
    if tree is None:
        return True
    try:
        return bool(columns_of(tree) <= set(columns))
    except FilterInvalid:
        return False


def _width(grant: Body) -> tuple[bool, float, str, str]:
    """All rows before some rows, then more columns, then the longer life; grants never merge."""
    columns = inf if grant["columns"] is None else len(grant["columns"])
    return grant["filter"] is None, columns, grant["expires_at"], grant["id"]
