"""Fixtures of the weekly letter's tests."""

import pytest
from sqlalchemy.orm import Session

from exchange.storage.group import Group
from tests.digest.issues import nobody_else


@pytest.fixture
def alone(session: Session, group: Group) -> None:
    """Olga has founded the group, and is a member of it in each test; here she gets no letter."""
    nobody_else(session, group)
