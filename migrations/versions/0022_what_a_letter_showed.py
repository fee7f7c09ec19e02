"""What a letter showed stands with the letter: a tick writes one row. What was sent waits in no index.

Revision: 0022
After: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING, NEXT = "ix_digest_issue_waiting", ["state", "next_try_at", "id"]
TOLD = {
    "sqlite": "SELECT json_group_array(post_id) FROM digest_shown WHERE issue_id = digest_issue.id",
    "postgresql": "SELECT json_agg(post_id ORDER BY post_id) FROM digest_shown WHERE issue_id = digest_issue.id",
}
POSTS = {
    "sqlite": "json_each(digest_issue.shown) AS one JOIN post ON post.id = one.value",
    "postgresql": "json_array_elements_text(digest_issue.shown) AS one(value) JOIN post ON post.id = one.value::bigint",
}


def upgrade() -> None:
    """Keep what was shown of posts that still wait."""
    op.add_column("digest_issue", sa.Column("shown", sa.JSON(none_as_null=True), nullable=True))
    told = TOLD[op.get_bind().dialect.name]
    op.execute(f"UPDATE digest_issue SET shown = ({told}) WHERE id IN (SELECT issue_id FROM digest_shown)")  # noqa: S608 (nothing that anybody typed)
    op.drop_table("digest_shown")
    op.drop_index(WAITING, "digest_issue")
    unsent = sa.text("sent_at IS NULL")
    op.create_index(WAITING, "digest_issue", NEXT, sqlite_where=unsent, postgresql_where=unsent)


def downgrade() -> None:
    """What was shown of posts that are closed was not kept there."""
    op.drop_index(WAITING, "digest_issue")
    op.create_index(WAITING, "digest_issue", NEXT)
    op.create_table(
        "digest_shown",
        sa.Column("issue_id", KEY, autoincrement=False, nullable=False),
        sa.Column("post_id", KEY, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["digest_issue.id"], name=op.f("fk_digest_shown_issue_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_digest_shown_post_id")),
        sa.PrimaryKeyConstraint("issue_id", "post_id", name=op.f("pk_digest_shown")),
    )
    posts = POSTS[op.get_bind().dialect.name]
    op.execute(
        "INSERT INTO digest_shown (issue_id, post_id) SELECT DISTINCT digest_issue.id, post.id "  # noqa: S608 (nothing that anybody typed)
        f"FROM digest_issue CROSS JOIN {posts} WHERE post.state <> 'closed'"
    )
    op.drop_column("digest_issue", "shown")
