"""Files of members and of past favors: taken whole, or refused with a sentence for every bad line."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from exchange import log
from exchange.domain import imports, invitations
from exchange.domain.errors import NotFound
from exchange.log import Balance
from exchange.storage.favor import Favor, FavorState
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person
from tests.people import NOON, joined

PEOPLE = "email,name,firm,practice,office,skills,wishes,joined_on"
FAVORS = "giver,receiver,at,category,title"
GOOD = "ada@bar.example,ben@bar.example,2024-05-31,advice,An hour on escrow"


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
    assert (here.person.name, here.person.password) == ("Sam Oduya", "x")


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


# Favors


def test_favors_become_entries_of_the_log_and_confirmed_favors(session, group, ada, ben):
    done = imports.favors("bar", csv_of(FAVORS, GOOD), at=NOON)

    favor = session.scalars(select(Favor)).one()
    day = datetime(2024, 5, 31, tzinfo=UTC)
    assert done.added == 1
    assert (favor.giver, favor.receiver, favor.category.slug) == (ada, ben, "advice")
    assert (favor.state, favor.agreed_at, favor.confirmed_at) == (FavorState.CONFIRMED, day, day)
    assert (favor.title, favor.thanks, favor.post_id, favor.entry) == ("An hour on escrow", "", None, 1)
    (entry,) = log.entries(session, group.id)
    assert (entry.how, entry.favor_id, entry.day) == ("imported", favor.id, day.date())
    assert log.compare(session, group.id).differences == []
    assert stored(session, Letter) == 0


def test_identical_lines_are_separate_favors(session, group, ada, ben):
    assert imports.favors("bar", csv_of(FAVORS, GOOD, GOOD, GOOD), at=NOON).added == 3
    assert log.balance(session, ada) == Balance(given=3, people_helped=1, people=1)


def test_favors_stand_in_the_log_by_their_days_and_equal_days_as_in_the_file(session, group, ada, ben):
    told = [
        ("2024-05-31", "third"),
        ("2023-01-01T10:00+05:00", "second"),
        ("2024-05-31", "fourth"),
        ("2023-01-01", "1"),
    ]
    lines = [f"ada@bar.example,ben@bar.example,{day},advice,{title}" for day, title in told]
    imports.favors("bar", csv_of(FAVORS, *lines), at=NOON)

    assert [entry.what for entry in reversed(log.entries(session, group.id))] == ["1", "second", "third", "fourth"]


def test_a_second_file_goes_on_where_the_first_ended(session, group, ada, ben):
    imports.favors("bar", csv_of(FAVORS, GOOD), at=NOON)
    imports.favors("bar", csv_of(FAVORS, GOOD, "ben@bar.example,ada@bar.example,2020-01-01,review,Mine"), at=NOON)

    assert [entry.index for entry in log.entries(session, group.id)] == [3, 2, 1]
    assert log.balance(session, ada) == Balance(2, 1, 1, 1, 1)
    assert log.compare(session, group.id).differences == []


def test_a_favor_in_a_category_that_is_off_and_neutral_is_logged_and_counted_for_nobody(session, group, ada, ben):
    imports.favors("bar", csv_of(FAVORS, GOOD.replace("advice", "referral")), at=NOON)

    assert [entry.counts for entry in log.entries(session, group.id)] == [False]
    assert log.balance(session, ada) == Balance()


def test_a_favor_may_lie_before_both_joined_and_concern_somebody_who_has_left(session, group, ada, ben):
    ben.state = MembershipState.LEFT
    session.commit()

    done = imports.favors("bar", csv_of(FAVORS, GOOD.replace("2024-05-31", "1999-01-01")), at=NOON)

    assert done.added == 1


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (GOOD.replace("ben@", "sam@"), "sam@bar.example is no member of this group"),
        (GOOD.replace("ada@", "sam@"), "sam@bar.example is no member of this group"),
        (GOOD.replace("ben@", "ADA@"), "ada@bar.example stands on both sides"),
        (GOOD.replace("advice", "golf"), "“golf” is no category of this group. It has: event_place, introduction"),
        (GOOD.replace("2024-05-31", ""), "is not a date such as 2024-05-31"),
        (GOOD.replace("2024-05-31", "2024-05-31T18:00"), "has no time zone"),
        (GOOD.replace("2024-05-31", "2026-10-15T12:00:01Z"), "lies in the future"),
        (GOOD.replace("2024-05-31", "0024-05-31"), "lies before 1900"),
        (GOOD.replace("2024-05-31", "0001-01-01T00:00+14:00"), "is no day or time of the calendar"),
        (GOOD.replace("2024-05-31", "2024-W22-5"), "is not a date such as 2024-05-31"),
        (GOOD.replace("An hour on escrow", " "), "The title is empty"),
        (GOOD.replace("An hour on escrow", "x" * 121), "The title has 121 characters; 120 fit"),
        (f"{GOOD},with a comma", "This line has 6 fields; the first line names 5"),
    ],
)
def test_a_bad_line_of_favors_is_named_and_nothing_is_kept(session, group, ada, ben, line, sentence):
    ((number, said),) = lines_refused(imports.favors, csv_of(FAVORS, GOOD, line, GOOD))

    assert (number, sentence in said) == (3, True), said
    assert (stored(session, Favor), log.size(session, group.id)) == (0, 1)


@pytest.mark.parametrize(
    "moment", ["2026-10-15", "2026-10-15T12:00:00Z", "2026-10-15T14:00+02:00", "2024-02-29 09:00z"]
)
def test_a_day_or_a_moment_with_its_zone_is_taken(group, ada, ben, moment):
    assert imports.favors("bar", csv_of(FAVORS, GOOD.replace("2024-05-31", moment)), at=NOON).added == 1


@pytest.mark.parametrize(("withheld", "taken"), [("", True), ("0", True), ("No", True), ("1", False), ("giver", False)])
def test_withheld_favors_wait_for_a_later_version(group, ada, ben, withheld, taken):
    data = csv_of(f"{FAVORS},withheld", f"{GOOD},{withheld}")
    if taken:
        assert imports.favors("bar", data, at=NOON).added == 1
    else:
        ((_line, said),) = lines_refused(imports.favors, data)
        assert said == "Withheld favors cannot be imported yet."


def test_a_file_with_an_unknown_member_in_line_812_is_refused_whole(session, group, ada, ben):
    lines = [GOOD] * 1_000
    lines[810] = GOOD.replace("ben@", "bne@")

    assert lines_refused(imports.favors, csv_of(FAVORS, *lines)) == [
        (812, "bne@bar.example is no member of this group.")
    ]
    assert log.size(session, group.id) == 1


def test_skip_invalid_takes_the_rest_and_lists_what_was_left_out(session, group, ada, ben):
    data = csv_of(FAVORS, GOOD, "who,is,this", GOOD, GOOD.replace("ben@", "ada@"))
    done = imports.favors("bar", data, at=NOON, skip_invalid=True)

    assert (done.added, [fault.line for fault in done.left_out]) == (2, [3, 5])
    assert log.size(session, group.id) == 3


def test_somebody_who_only_asks_to_join_is_no_member_yet(session, group, ada, ben):
    ben.state = MembershipState.APPLIED
    session.commit()

    assert [line for line, _said in lines_refused(imports.favors, csv_of(FAVORS, GOOD))] == [2]


def test_a_member_of_another_group_is_unknown_in_this_one(group, ada, sam):
    ((_line, said),) = lines_refused(imports.favors, csv_of(FAVORS, GOOD.replace("ben@bar", "sam@med")))

    assert said == "sam@med.example is no member of this group."


def test_the_favors_of_one_group_leave_the_other_groups_log_alone(session, group, ada, ben, sam):
    imports.favors("bar", csv_of(FAVORS, GOOD), at=NOON)

    assert log.size(session, sam.group_id) == 1


def test_a_group_that_does_not_exist_is_said_so(session):
    for verb, header in ((imports.members, "email,name"), (imports.favors, FAVORS)):
        with pytest.raises(NotFound, match="There is no group “nowhere”"):
            verb("nowhere", csv_of(header), at=NOON)


def test_progress_ends_with_all_of_it(group, ada, ben):
    told = []
    imports.favors("bar", csv_of(FAVORS, *[GOOD] * 600), at=NOON, progress=lambda *so_far: told.append(so_far))

    assert told == [(0, 600), (500, 600), (600, 600)]


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
