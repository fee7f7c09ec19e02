"""What the organisers of the demo decided, and what waits on their desk."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from exchange.domain import posts
from exchange.domain.desk import appeals, decisions, reports, rules
from exchange.storage.db import db
from exchange.storage.desk import Act, Case, Outcome, TargetKind
from exchange.storage.membership import Membership
from exchange.storage.post import Post, PostKind

HOUR = timedelta(hours=1)
TRADE = "Sending clients in return for clients is what this rule rules out. Without the last sentence it is welcome."
STANDS = "A room is lent here and nothing is asked for it. That is what the board is for."


def moderate(members: Mapping[str, int], at: datetime) -> None:
    """A trade in clients that was hidden, also on appeal; a report that came to nothing; and what waits today."""

    def member(key: str) -> Membership:
        return db.session.get_one(Membership, members[key])

    def rule(place: int) -> int:
        return rules.rules(seen_by=member("olga"))[place - 1].id

    def report(author: str, by: str, under: int, note: str, when: datetime) -> Case:
        found = select(Post.id).filter_by(author_id=members[author]).order_by(Post.id.desc()).limit(1)
        post = db.session.scalars(found).one()
        return reports.report(TargetKind.POST, post, by=member(by), rule=rule(under), note=note, at=when)

    # In the order in which it stands in the log, after all that came before.
    then = at - 34 * HOUR
    text = "I pass on three estate matters a month. Happy to send them to whoever sends me tax clients in return."
    _post(member("harlan"), "Estate matters for whoever has tax clients", text, then)
    report("harlan", "abe", 3, "This is a trade in referrals. Our rules say no.", then + 2 * HOUR)
    case = report("harlan", "desmond", 3, "Probably meant kindly, but it should not stand.", then + 3 * HOUR)
    grace = member("grace")
    hidden = decisions.decide(case.id, Act.HIDE, by=grace, rule=rule(3), why=TRADE, at=then + 5 * HOUR)
    if hidden is not None:
        asked = appeals.appeal(hidden.id, by=member("harlan"), why="I meant it as a courtesy.", at=then + 8 * HOUR)
        why = "A courtesy would ask for nothing. The rule is meant for exactly this."
        appeals.answer(asked.id, Outcome.UPHELD, by=member("tomas"), why=why, at=then + 14 * HOUR)

    case = report("jonas", "wilma", 5, "Is this an advertisement for the office?", at - 11 * HOUR)
    decisions.decide(case.id, Act.DISMISS, by=grace, rule=rule(5), why=STANDS, at=at - 8 * HOUR)

    report("maximiliane", "devendra", 5, "The firm sells exactly this. Is it an offer or a brochure?", at - 6 * HOUR)
    report("priya", "omar", 2, "I believe that I know which partnership is meant.", at - 5 * HOUR)
    text = "The harbor office has changed how berths are booked. I can walk two people through the new forms."
    _post(member("rosa"), "Half an hour on the new berth forms", text, at - 4 * HOUR)


def _post(by: Membership, title: str, text: str, at: datetime) -> None:
    posts.post(
        by=by,
        kind=PostKind.OFFER,
        category="other",
        title=title,
        text=text,
        slots=2,
        rule=None,
        closes_at=at + 9 * 24 * HOUR,
        event_at=None,
        at=at,
    )
