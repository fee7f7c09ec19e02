"""After every test of the rules: what is searched is what the rows say now."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange import log
from exchange.log import searched
from exchange.log.append import head_of
from exchange.storage import reword
from exchange.storage.db import db
from exchange.storage.group import Group
from exchange.storage.membership import Membership
from exchange.storage.post import Post
from exchange.storage.search import LogWords, MemberWords, PostWords


def kept(session: Session) -> dict[str, dict[int, str]]:
    """Everything that is searched."""
    session.expire_all()
    return {
        "posts": {row.post_id: row.words for row in session.scalars(select(PostWords))},
        "members": {
            row.member_id: f"{row.listed} {row.name} {row.words}" for row in session.scalars(select(MemberWords))
        },
        "entries": {row.id: row.words for row in session.scalars(select(LogWords))},
    }


def written_anew(session: Session) -> dict[str, dict[int, str]]:
    """The same, from the rows as they are."""
    reword.posts(session, session.scalars(select(Post.id)).all())
    reword.members(session, session.scalars(select(Membership.id)).all())
    for group_id in session.scalars(select(Group.id)).all():
        indexes = [entry.index for entry in log.entries(session, group_id, limit=10_000)]
        searched.reword(session, head_of(session, group_id).log_id, indexes)
    return kept(session)


@pytest.fixture(autouse=True)
def _what_is_searched_is_what_is_there(request: pytest.FixtureRequest) -> Iterator[None]:
    if "app" not in request.fixturenames:
        yield
        return
    app: Flask = request.getfixturevalue("app")
    yield
    with app.app_context():
        session = db.session()
        session.rollback()
        before = kept(session)
        assert before == written_anew(session)
        session.rollback()
