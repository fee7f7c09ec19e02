"""Who may know of a post. Whatever shows, finds, suggests or tells of one asks here."""

from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, String, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from exchange.domain.errors import NotFound
from exchange.storage.db import Key, db
from exchange.storage.fixed import words
from exchange.storage.membership import Membership
from exchange.storage.post import Post, PostHidden, PostState

# What is held or hidden only its author sees.
OFF_THE_PAGES = (PostState.HELD, PostState.HIDDEN)


@cache
def _author() -> type[Membership]:
    """Whoever posted, made once: it takes longer than what is asked with it."""
    return aliased(Membership)


def visible(reader: Membership) -> ColumnElement[bool]:
    """The condition that a post may be known to the reader: theirs, or on the pages and hidden from neither their
    firm nor them."""
    return _visible(reader.id, reader.firm, firm=bool(reader.firm))


@cache
def visible_to_one(*, firm: bool) -> ColumnElement[bool]:
    """The same for statements that are made once, and asked with what `one` says; `firm` where the reader has one."""
    return _visible(bindparam("reader", type_=Key), bindparam("reader_firm", type_=String), firm=firm)


def one(reader: Membership) -> dict[str, Any]:
    """Who reads, and in which group, for statements that are made once."""
    return {"reader": reader.id, "reader_firm": reader.firm, "of_group": reader.group_id}


def _visible(reader: Any, reader_firm: Any, *, firm: bool) -> ColumnElement[bool]:
    author = _author()
    own_firm = and_(
        Post.hidden_from_firm,
        exists().where(
            author.id == Post.author_id,
            author.firm != "",
            func.lower(author.firm) == func.lower(reader_firm),
        ),
    )
    by_name = Post.id.in_(select(PostHidden.post_id).where(PostHidden.member_id == reader))
    hidden = or_(own_firm, by_name) if firm else by_name
    return or_(Post.author_id == reader, and_(Post.state.not_in(words(OFF_THE_PAGES)), ~hidden))


def sees(reader: Membership, post_id: int) -> bool:
    """Whether the reader may know of a post of their group."""
    found = select(Post.id).where(Post.id == post_id, Post.group_id == reader.group_id, visible(reader))
    return db.session.scalar(found) is not None


def is_hidden(post: Post) -> bool:
    """Whether the post is hidden from anybody at all."""
    if post.hidden_from_firm:
        return True
    return db.session.scalar(select(PostHidden.post_id).filter_by(post_id=post.id).limit(1)) is not None


def loaded(post_id: int, *, seen_by: Membership) -> Post:
    """The one way to a post. Raises NotFound for what the reader's group does not have, or hides from them."""
    found = db.session.scalar(
        select(Post).where(Post.id == post_id, Post.group_id == seen_by.group_id, visible(seen_by))
    )
    if found is None:
        raise NotFound(_("There is no such post."))
    return found
