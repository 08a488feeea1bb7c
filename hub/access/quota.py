"""Rows of a day: a grant may say how many may leave under it on one day of the instance's zone.

Taken in the commit of the evidence, and before anything leaves. An answer that is larger than the rest
of the day is refused whole, and takes nothing.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Connection, Date, String, bindparam, select
from sqlalchemy.dialects.sqlite import Insert

from hub.access.decision import Decision
from hub.access.errors import QuotaSpent
from hub.access.models import RowsOfDay
from hub.ledger.also import Also, for_both

TABLE = RowsOfDay.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


def _taken(insert: Any) -> Insert:
    """One statement, so that of many who take the last rows at once none takes too many."""
    wanted, most = bindparam("wanted", type_=BigInteger), bindparam("most", type_=BigInteger)
    first = select(
        bindparam("of", type_=String),
        bindparam("on", type_=Date),
        bindparam("wanted", type_=BigInteger),
    ).where(wanted <= most)
    made: Insert = (
        insert(TABLE)
        .from_select(["grant", "day", "rows"], first)
        .on_conflict_do_update(
            index_elements=["grant", "day"],
            set_={"rows": TABLE.c.rows + wanted},
            where=TABLE.c.rows + wanted <= most,
        )
    )
    return made


TAKEN = for_both(_taken)


def taken(decision: Decision, rows: int, zone: ZoneInfo) -> tuple[Also, ...]:
    """The condition under which `rows` may leave by this decision; none without a daily limit."""
    grant = decision.grant
    if grant is None or grant["daily_rows"] is None or rows == 0:
        return ()
    now = decision.inputs.at.astimezone(zone)
    name, day, most = str(grant["id"]), now.date(), int(grant["daily_rows"])

    def spent(connection: Connection) -> QuotaSpent:
        rest = most - _used(connection, name, day)
        return QuotaSpent(name, daily_rows=most, rest=rest, renews_at=_renewal(now), now=now)

    values = {"of": name, "on": day, "wanted": rows, "most": most}
    return (Also(TAKEN, values, (TABLE.name, name, day.isoformat()), spent),)


def _used(connection: Connection, grant: str, day: date) -> int:
    wanted = select(TABLE.c.rows).where(TABLE.c.grant == grant, TABLE.c.day == day)
    return connection.execute(wanted).scalar() or 0


def _renewal(now: datetime) -> datetime:
    """The next midnight of the instance's zone."""
    return datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=now.tzinfo)
