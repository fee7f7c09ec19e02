"""What goes when somebody is forgotten: their words, and the row that names them. Called inside a running verb."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from exchange.storage import reword
from exchange.storage.desk import Appeal, Aside, Case, Decision, DecisionNote, Objection, Proposal, Report
from exchange.storage.digest import DigestGroupWish, DigestNote, DigestWish
from exchange.storage.favor import Correction, Favor, FavorState
from exchange.storage.group import Category
from exchange.storage.letter import Letter
from exchange.storage.membership import Invitation, Membership
from exchange.storage.person import Person
from exchange.storage.policy import Asking, PutAway
from exchange.storage.post import Post, Response
from exchange.storage.question import Question
from exchange.storage.read_token import ReadToken
from exchange.storage.sign_in import SignIn
from exchange.storage.suppression import Suppression
from exchange.storage.tie import Tie


def forget_words(session: Session, member: Membership) -> None:
    """What the member wrote, and what was written about them."""
    mine = or_(Favor.giver_id == member.id, Favor.receiver_id == member.id)
    blank = {"title": "", "thanks": "", "cancelled_why": "", "disputed_why": "", "settled_why": ""}
    for statement in (
        update(Post).where(Post.author_id == member.id).values(title="", text="", place=""),
        update(Response).where(Response.member_id == member.id).values(text=""),
        update(Favor).where(mine).values(**blank),
        # The other side still has to know what is waiting for them: the category says it without anybody's words.
        update(Favor)
        .where(mine, Favor.state.in_((FavorState.DELIVERED, FavorState.DISPUTED)))
        .values(title=select(Category.name).where(Category.id == Favor.category_id).scalar_subquery()),
        update(Correction).where(Correction.by_id == member.id).values(why=""),
        update(Tie)
        .where(or_(Tie.from_id == member.id, Tie.to_id == member.id), Tie.withdrawn_at.is_(None))
        .values(withdrawn_at=member.ended_at),
        update(Letter)
        .where(Letter.person_id == member.person_id, Letter.group_id == member.group_id)
        .values(facts={}, email=f"erased-{member.id}@erased.invalid"),
        update(Invitation)
        .where(Invitation.group_id == member.group_id, Invitation.email == member.person.email)
        .values(email=f"erased-{member.id}@erased.invalid"),
        *_at_the_desk(member),
        delete(DigestNote).where(DigestNote.by_id == member.id),
        delete(DigestGroupWish).where(DigestGroupWish.membership_id == member.id),
    ):
        session.execute(statement.execution_options(synchronize_session="fetch"))
    reword.posts(session, session.scalars(select(Post.id).where(Post.author_id == member.id)).all())
    for name in ("firm", "practice", "office", "contact", "can_help_with", "would_love"):
        setattr(member, name, "")


def _at_the_desk(member: Membership) -> tuple[Any, ...]:
    """What the member wrote to the organisers, and what was noted and put away about them; decisions stay."""
    about = select(Case.id).where(Case.about_id == member.id)
    decided = select(Decision.id).where(Decision.case_id.in_(about))
    told = select(Report.id).where(or_(Report.by_id == member.id, Report.case_id.in_(about)))
    return (
        update(Report).where(or_(Report.by_id == member.id, Report.case_id.in_(about))).values(note=""),
        update(Appeal).where(or_(Appeal.by_id == member.id, Appeal.decision_id.in_(decided))).values(why=""),
        update(Objection).where(or_(Objection.by_id == member.id, Objection.organiser_id == member.id)).values(why=""),
        update(Proposal).where(Proposal.case_id.in_(about)).values(note=""),
        update(Aside).where(Aside.member_id == member.id).values(why=""),
        update(Question).where(Question.by_id == member.id).values(text=""),
        update(Question).where(Question.report_id.in_(told)).values(text=""),
        update(Question).where(Question.report_id.in_(told), Question.answer.is_not(None)).values(answer=""),
        delete(Asking).where(Asking.membership_id == member.id),
        delete(DecisionNote).where(DecisionNote.decision_id.in_(decided)),
        delete(PutAway).where(PutAway.case_id.in_(about)),
    )


def forget_person(session: Session, member: Membership, at: datetime) -> None:
    """The directory row: emptied, or left to the person's other groups and replaced by a nameless one here."""
    nameless = {
        "email": f"erased-{member.id}@erased.invalid",
        "name": "",
        "password": None,
        "active": False,
        "fs_uniquifier": secrets.token_hex(32),
        "tf_primary_method": None,
        "tf_totp_secret": None,
        "mf_recovery_codes": None,
        "code_used": None,
    }
    elsewhere = session.scalar(
        select(Membership.id).where(Membership.person_id == member.person_id, Membership.id != member.id).limit(1)
    )
    if elsewhere is None:
        session.execute(delete(DigestWish).where(DigestWish.person_id == member.person_id))
        session.execute(delete(Suppression).where(Suppression.email == member.person.email))
        for name, value in nameless.items():
            setattr(member.person, name, value)
        # Letters about the account belong to no group.
        gone = {"facts": {}, "email": f"erased-{member.id}@erased.invalid"}
        session.execute(update(Letter).where(Letter.person_id == member.person_id).values(**gone))
        session.execute(delete(ReadToken).where(ReadToken.person_id == member.person_id))
        session.execute(delete(SignIn).where(SignIn.person_id == member.person_id))
        return
    stand_in = Person(**nameless, created_at=at)
    session.add(stand_in)
    session.flush()
    member.person = stand_in
