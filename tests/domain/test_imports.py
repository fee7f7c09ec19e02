"""Files, and members from them: taken whole, or refused with a sentence for every bad line."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from exchange.domain import imports, invitations
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person
from tests.people import NOON, UNKNOWN, joined

PEOPLE = "email,name,firm,practice,office,skills,wishes,joined_on"


def csv_of(*lines, end="\n"):
    return (end.join(lines) + end).encode()


def member(session, email):
    return session.scalar(select(Membership).join(Person).where(Person.email == email))


def stored(session, table):
    return session.scalar(select(func.count()).select_from(table))


def lines_refused(verb, data, **given):
    with pytest.raises(imports.BadFile) as refused:
        verb("bar", data, at=NOON, **given)
    return refused.value.lines


# Members


def test_they_read_the_language_of_who_organises_the_group(session, group, olga):
    olga.person.language = "es"
    session.commit()
    imports.members("bar", csv_of("email,name", "eva@bar.example,Eva Ruiz"), at=NOON, invite=True)

    letter = session.scalars(select(Letter).filter_by(kind="invitation")).one()
    assert member(session, "eva@bar.example").person.language == "es"
    assert (letter.facts["language"], letter.facts["inviter"]) == ("es", "La organización")


def test_members_come_in_active_with_their_profile_and_no_letter(session, group):
    done = imports.members(
        "bar",
        csv_of(PEOPLE, "Ruth@Bar.Example,Ruth Okafor,Okafor LLP,tax,Boston,wills,golf,2019-03-01"),
        at=NOON,
    )

    ruth = member(session, "ruth@bar.example")
    assert (done.added, done.known, done.left_out, done.ignored_columns) == (1, [], [], [])
    assert (ruth.name, ruth.state, ruth.role) == ("Ruth Okafor", MembershipState.ACTIVE, Role.MEMBER)
    assert (ruth.firm, ruth.practice, ruth.office) == ("Okafor LLP", "tax", "Boston")
    assert (ruth.can_help_with, ruth.would_love) == ("wills", "golf")
    assert ruth.joined_at == datetime(2019, 3, 1, tzinfo=UTC)
    assert ruth.person.password is None
    assert stored(session, Letter) == 0


def test_numbers_go_on_where_the_group_stands_in_the_order_of_the_file(session, group, ada):
    imports.members("bar", csv_of("email,name", "z@bar.example,Zoe", "a@bar.example,Abe"), at=NOON)

    assert [member(session, f"{who}@bar.example").number - ada.number for who in "za"] == [1, 2]


def test_a_known_member_is_left_as_they_are_and_listed(session, group, ada):
    done = imports.members(
        "bar", csv_of("email,name,firm", "ADA@bar.example,Somebody Else,Other LLP", "new@bar.example,New,"), at=NOON
    )

    assert (done.added, done.known) == (1, ["ada@bar.example"])
    assert (ada.name, ada.firm) == ("Ada Farouk", "")


def test_somebody_who_was_removed_does_not_come_back_by_a_file(session, group, ada):
    ada.state = MembershipState.ENDED
    session.commit()

    done = imports.members("bar", csv_of("email,name", "ada@bar.example,Ada"), at=NOON)

    assert (done.added, done.known, ada.state) == (0, ["ada@bar.example"], MembershipState.ENDED)


def test_somebody_with_an_account_becomes_a_member_and_the_account_stays(session, group, sam):
    done = imports.members("bar", csv_of("email,name", "sam@med.example,Samuel the Other"), at=NOON)

    here = session.scalar(select(Membership).filter_by(group_id=group.id, person_id=sam.person_id))
    assert done.added == 1
    assert here.state is MembershipState.ACTIVE
    assert (here.person.name, here.person.password) == ("Sam Oduya", UNKNOWN)


def test_invite_writes_each_added_member_a_letter_with_a_link_that_works(session, group, ada):
    imports.members("bar", csv_of("email,name", "ada@bar.example,Ada", "ruth@bar.example,Ruth"), at=NOON, invite=True)

    (letter,) = session.scalars(select(Letter)).all()
    assert (letter.kind, letter.email, letter.facts["inviter"]) == (
        "invitation",
        "ruth@bar.example",
        "The organisers",
    )
    joining = invitations.accept(letter.facts["path"].removeprefix("/join/"), at=NOON, name="Ruth O.", password="hash")
    assert joining.id == member(session, "ruth@bar.example").id


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("not an address,Ruth", "is not an e-mail address"),
        (",Ruth", "is not an e-mail address"),
        ("ruth@bar.example,", "The name is empty"),
        (f"ruth@bar.example,{'R' * 121}", "The name has 121 characters; 120 fit"),
        ("ruth@bar.example", "This line has 1 fields; the first line names 2"),
        ("ruth@bar.example,Ruth,LLP", "This line has 3 fields; the first line names 2"),
        ("old@bar.example,Again", "old@bar.example is in line 2 already"),
        ("ruth@bar.example,Ru\0th", "contains a zero byte"),
        ('ruth@bar.example,"Ruth" Okafor', "The quotation marks in this line do not match"),
        ('ruth@bar.example,"Ruth', "The quotation marks in this line do not match"),
    ],
)
def test_a_bad_line_of_members_is_named(session, group, line, sentence):
    people = stored(session, Person)
    ((number, said),) = lines_refused(imports.members, csv_of("email,name", "old@bar.example,Olive", line))

    assert (number, sentence in said) == (3, True), said
    assert stored(session, Person) == people


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-10-16", "lies in the future"),
        ("31.5.2024", "is not a date such as 2024-05-31"),
        ("2024-02-30", "is no day or time of the calendar"),
    ],
)
def test_the_day_of_joining_is_a_day_that_has_been(group, day, sentence):
    ((number, said),) = lines_refused(imports.members, csv_of("email,name,joined_on", f"r@bar.example,Ruth,{day}"))

    assert (number, sentence in said) == (2, True), said


def test_all_that_is_wrong_with_a_line_is_said_at_once(group):
    ((_line, said),) = lines_refused(imports.members, csv_of("email,name,joined_on", "ruth,,soon"))

    assert "not an e-mail address" in said
    assert "The name is empty" in said
    assert "“soon” is not a date" in said


# Files


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_byte_order_mark_make_no_difference(session, group, mark, end):
    data = mark + csv_of("Email, NAME ", "rene@bar.example,René", "", "zoe@bar.example,Zoë", ",", end=end)

    assert imports.members("bar", data, at=NOON).added == 2
    assert member(session, "rene@bar.example").name == "René"


def test_columns_in_another_order_are_found_and_unknown_ones_named(session, group):
    done = imports.members("bar", csv_of("name,Shoe Size,email,,Age", "Ruth,41,ruth@bar.example,,50"), at=NOON)

    assert (done.added, done.ignored_columns) == (1, ["Shoe Size", "Age"])
    assert member(session, "ruth@bar.example").name == "Ruth"


@pytest.mark.parametrize(
    ("data", "line", "sentence"),
    [
        (b"", 1, "The file is empty."),
        (b"\xef\xbb\xbf \r\n\r\n", 1, "The file is empty."),
        (b"email\nruth@bar.example\n", 1, "Missing in the first line: name."),
        (b"\n\nemail\n", 3, "Missing in the first line: name."),
        (b"ruth@bar.example,Ruth\n", 1, "Missing in the first line: email, name."),
        (b"email,name,Email\n", 1, "The column “email” is there twice."),
        (b"email;name\nruth@bar.example;Ruth\n", 1, "Save the file with commas"),
        (b"email\tname\n", 1, "Save the file with commas"),
        ("email,name\n".encode("utf-16"), 1, "The file is in UTF-16."),
        ("email,name,größe\n".encode("latin-1"), 1, "This line is not in UTF-8."),
    ],
)
def test_a_file_whose_columns_cannot_be_told_is_refused_in_any_case(group, data, line, sentence):
    for skip_invalid in (False, True):
        ((number, said),) = lines_refused(imports.members, data, skip_invalid=skip_invalid)
        assert (number, sentence in said) == (line, True), said


def test_a_line_in_another_encoding_is_named(group):
    data = csv_of("email,name", "ruth@bar.example,Ruth") + "rene@bar.example,René\n".encode("latin-1")

    assert lines_refused(imports.members, data) == [
        (3, "This line is not in UTF-8. Save the file as “CSV UTF-8” and try again.")
    ]
    assert imports.members("bar", data, at=NOON, skip_invalid=True).added == 1


def test_quoted_line_ends_count_as_lines_of_the_file(session, group):
    data = csv_of("email,name,skills", 'ruth@bar.example,Ruth,"wills\nand ""trusts"""', "bad,Bad,")

    ((number, _said),) = lines_refused(imports.members, data)
    assert number == 4
    imports.members("bar", data, at=NOON, skip_invalid=True)
    assert member(session, "ruth@bar.example").can_help_with == 'wills\nand "trusts"'


def test_a_quotation_mark_that_is_never_closed_is_named_with_the_lines_it_took(session, group):
    data = csv_of("email,name", "a@bar.example,Abe", 'b@bar.example,"Bea', "c@bar.example,Cal", "d@bar.example,Dee")

    assert lines_refused(imports.members, data) == [
        (3, "The quotation marks do not match between this line and line 5.")
    ]
    assert imports.members("bar", data, at=NOON, skip_invalid=True).added == 1


def test_a_group_of_a_thousand_comes_in_with_one_number_each(session, group):
    lines = [f"m{number}@bar.example,Member {number}" for number in range(1_200)]
    done = imports.members("bar", csv_of("email,name", *lines), at=NOON)

    numbers = session.scalars(select(Membership.number).filter_by(group_id=group.id)).all()
    assert (done.added, len(set(numbers)), max(numbers)) == (1_200, 1_201, 1_201)
    later = joined(session, group, "Late Comer")
    assert later.number == 1_202
    assert later.joined_at < NOON - timedelta(days=1)
