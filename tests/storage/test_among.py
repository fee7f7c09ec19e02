"""Asking for many rows by number."""

from sqlalchemy import or_, select

from exchange.storage.among import among
from exchange.storage.person import Person


def test_it_finds_those_rows_and_no_others(session, ada, ben, cleo):
    asked = select(Person.name).where(among(Person.id, "people"), Person.active).order_by(Person.id)
    found = session.scalars(asked, {"people": [ada.person_id, cleo.person_id, 987654]}).all()

    assert found == ["Ada Farouk", "Cleo Marchetti"]
    assert session.scalars(asked, {"people": []}).all() == []


def test_sqlite_looks_each_number_up_instead_of_reading_every_row(session, ada):
    """With "= 1" behind it, as SQLAlchemy writes conditions for databases that have no booleans, no index would do."""
    asked = select(Person.id).where(or_(among(Person.id, "people"), among(Person.id, "others")), Person.active)
    said = str(asked.compile(session.get_bind()))

    assert said.count("person.id IN (SELECT value FROM json_each(") + said.count("person.id = ANY (") == 2
    assert " = 1" not in said.replace("person.active = 1", "")
