"""How often letters have shown a post, so that each gets its turn."""

from collections import Counter
from typing import cast

from sqlalchemy import Table, bindparam, update

from exchange.storage.db import transaction
from exchange.storage.digest import DigestTimes
from exchange.storage.insert import insert_new


def count(times: Counter[tuple[int, int]]) -> None:
    """Add up in how many letters of each run each post stood, by run and post; the counter is emptied.

    What a killed worker has not added up yet is lost: a post comes round a little sooner then.
    """
    if not times:
        return
    with transaction() as session:
        said = sorted(times.items())
        insert_new(session, DigestTimes, [{"run_id": run, "post_id": post, "times": 0} for (run, post), _ in said])
        table = cast(Table, DigestTimes.__table__)
        more = (
            update(table)
            .where(table.c.run_id == bindparam("run"), table.c.post_id == bindparam("post"))
            .values(times=table.c.times + bindparam("more"))
        )
        session.connection().execute(more, [{"run": run, "post": post, "more": more} for (run, post), more in said])
    times.clear()
