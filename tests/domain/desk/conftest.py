"""Olga and Otto organise; Ada posts; Ben reports; Cleo and Dan are members; Rosa administers the site."""

import pytest
from sqlalchemy.orm import Session

from exchange.domain import accounts
from exchange.storage.desk import Case
from exchange.storage.group import Group
from exchange.storage.membership import Membership, Role
from exchange.storage.person import Person
from exchange.storage.post import Post
from tests.builders import offered
from tests.domain.desk.casework import reported
from tests.people import NOON, joined


@pytest.fixture
def otto(session: Session, group: Group) -> Membership:
    """Organises, too."""
    return joined(session, group, "Otto Brandt", role=Role.ORGANISER)


@pytest.fixture
def dan(session: Session, group: Group) -> Membership:
    """A fourth member."""
    return joined(session, group, "Dan Osei")


@pytest.fixture
def rosa(session: Session) -> Person:
    """The site's administrator, who is a member of nothing."""
    person = accounts.add(session, email="rosa@site.example", name="Rosa Root", at=NOON)
    person.is_administrator = True
    session.commit()
    return person


@pytest.fixture
def post(ada: Membership, olga: Membership) -> Post:
    """Ada's offer; Olga organises."""
    return offered(ada)


@pytest.fixture
def case(post: Post, ben: Membership) -> Case:
    """Ben has reported Ada's offer."""
    return reported(post, ben)
