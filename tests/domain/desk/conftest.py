"""Olga and Otto organise; Ada posts; Ben, Cleo and Dan are members; who of them is close to whom each test says."""

import pytest
from sqlalchemy.orm import Session

from exchange.storage.group import Group
from exchange.storage.membership import Membership, Role
from exchange.storage.person import Person
from exchange.storage.post import Post
from tests.builders import offered
from tests.people import joined


@pytest.fixture
def group(session: Session, group: Group) -> Group:
    """Whoever founded it has left, so that who organises is who a test says."""
    founder = session.query(Membership).filter_by(group_id=group.id, number=1).one()
    if founder.person.email != "olga@bar.example":
        raise AssertionError("the founder is Olga")
    return group


@pytest.fixture
def otto(session: Session, group: Group) -> Membership:
    """Organises, too."""
    return joined(session, group, "Otto Brandt", role=Role.ORGANISER)


@pytest.fixture
def dan(session: Session, group: Group) -> Membership:
    """A fourth member."""
    return joined(session, group, "Dan Osei")


@pytest.fixture
def root(session: Session, group: Group) -> Person:
    """The site's administrator, who is a member of nothing."""
    from exchange.domain import accounts
    from tests.people import NOON

    person = accounts.add(session, email="root@site.example", name="Rosa Root", at=NOON)
    person.is_administrator = True
    session.commit()
    return person


@pytest.fixture
def post(session: Session, ada: Membership, olga: Membership) -> Post:
    """Ada's offer, which somebody may report."""
    return offered(ada)
