"""Who may know of a post. Whatever shows, finds, suggests or tells of one asks here."""

from functools import cache

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from exchange.domain.errors import NotFound
from exchange.storage.db import db
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
    author = _author()
    own_firm = and_(
        Post.hidden_from_firm,
        exists().where(
            author.id == Post.author_id,
            author.firm != "",
            func.lower(author.firm) == func.lower(reader.firm),
        ),
    )
    by_name = Post.id.in_(select(PostHidden.post_id).where(PostHidden.member_id == reader.id))
    hidden = or_(own_firm, by_name) if reader.firm else by_name
    return or_(Post.author_id == reader.id, and_(Post.state.not_in(OFF_THE_PAGES), ~hidden))


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
