"""Where an event takes place, and the words that posts, members and entries are found by.

Revision: 0013
After: 0012
"""

import json

import sqlalchemy as sa
from alembic import op

from exchange.storage import stems

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ENGINES = (("post_search", "post_words", "post_id"), ("member_search", "member_words", "member_id"))
ENGINES += (("log_search", "log_words", "id"),)
AT_ONCE = 5_000
LOG = 1 << 40

POSTS = """
SELECT post.id, post.title, post.text, post.state, category.slug, membership.number FROM post
JOIN category ON category.id = post.category_id JOIN membership ON membership.id = post.author_id
WHERE post.id > :after ORDER BY post.id LIMIT :most
"""
MEMBERS = """
SELECT membership.id, group_id, state, person.name, firm, practice, office, can_help_with, would_love FROM membership
JOIN person ON person.id = membership.person_id WHERE membership.id > :after ORDER BY membership.id LIMIT :most
"""
LOGS = "SELECT DISTINCT log_id FROM log_entry"
ENTRIES = """
SELECT e.idx, e.kind, e.what, e.category, e.told, e.withheld, favor.thanks, giver.number, receiver.number
FROM log_entry e LEFT JOIN favor ON favor.group_id = e.group_id AND favor.entry = e.idx
LEFT JOIN membership giver ON giver.id = e.giver_id LEFT JOIN membership receiver ON receiver.id = e.receiver_id
WHERE e.log_id = :log AND e.idx > :after ORDER BY e.idx LIMIT :most
"""
PARTS = """
SELECT p.idx, p.part, m.number FROM log_part p JOIN membership m ON m.id = p.member_id WHERE p.log_id = :log
"""


def upgrade() -> None:
    """Make tables and engines, and fill them with what is there."""
    op.add_column("post", sa.Column("place", sa.String(length=120), server_default=sa.text("''"), nullable=False))
    directory = (("group_id", KEY), ("listed", sa.Boolean()), ("name", sa.Text()))
    for table, key, of, more in (
        ("post_words", "post_id", "post", ()),
        ("member_words", "member_id", "membership", directory),
    ):
        op.create_table(
            table,
            sa.Column(key, KEY, autoincrement=False, nullable=False),
            *(sa.Column(name, kind, nullable=False) for name, kind in more),
            sa.Column("words", sa.Text(), nullable=False),
            sa.ForeignKeyConstraint([key], [f"{of}.id"], name=op.f(f"fk_{table}_{key}"), ondelete="CASCADE"),
            sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
        )
    op.create_index("ix_member_words_directory", "member_words", ["group_id", "listed", "name", "member_id"])
    op.create_index("ix_post_event", "post", ["group_id", "state", "event_at"])
    op.create_index("ix_post_newest", "post", ["group_id", "state", "created_at"])
    op.create_table(
        "log_words",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("log_id", KEY, nullable=False),
        sa.Column("idx", KEY, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["log_id", "idx"],
            ["log_entry.log_id", "log_entry.idx"],
            name=op.f("fk_log_words_log_id"),
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_words")),
    )
    op.create_index("uq_log_words_entry", "log_words", ["log_id", "idx"], unique=True)
    for name, rows, key in ENGINES:
        _engine(name, rows, key)
    _fill(POSTS, "post_words", "post_id", _of_post)
    _fill(MEMBERS, "member_words", "member_id", _of_member)
    for (log_id,) in op.get_bind().execute(sa.text(LOGS)).all():
        _fill_log(log_id)


def _engine(name: str, rows: str, key: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"CREATE INDEX {name} ON {rows} USING gin (to_tsvector('simple', words))")
        return
    fresh = f"INSERT INTO {name} (rowid, words) VALUES (new.{key}, new.words);"  # noqa: S608 (names of our own)
    stale = f"INSERT INTO {name} ({name}, rowid, words) VALUES ('delete', old.{key}, old.words);"  # noqa: S608 (names of our own)
    content = f"words, content='{rows}', content_rowid='{key}', tokenize='unicode61', detail=none, columnsize=0"
    op.execute(f"CREATE VIRTUAL TABLE {name} USING fts5({content})")
    for verb, what in {"INSERT": fresh, "DELETE": stale, "UPDATE": stale + fresh}.items():
        op.execute(f"CREATE TRIGGER {name}_{verb.lower()} AFTER {verb} ON {rows} BEGIN {what} END")


def _of_post(title, text, state, category, author):
    marks = {stems.category(category), f"m{author}", *(["xopen"] if state == "open" else [])}
    return {"words": stems.joined({*stems.row(w=f"{title}\n{text}").split(), *marks})}


def _of_member(group_id, state, name, *more):
    words = stems.row(**dict(zip("nfpohl", (name, *more), strict=True)))
    return {"group_id": group_id, "listed": state == "active", "name": stems.in_order(name), "words": words}


def _fill(read, table, key, words) -> None:
    bind, after = op.get_bind(), 0
    names = [column["name"] for column in sa.inspect(bind).get_columns(table)]
    kept = sa.table(table, *(sa.column(name) for name in names))
    while rows := bind.execute(sa.text(read), {"after": after, "most": AT_ONCE}).all():
        bind.execute(kept.insert(), [{key: number} | words(*said) for number, *said in map(tuple, rows)])
        after = rows[-1][0]


def _fill_log(log_id: int) -> None:
    bind, after = op.get_bind(), -1
    kept = sa.table("log_words", *(sa.column(name) for name in ("id", "log_id", "idx", "words")))
    parts = {}
    for index, *part in bind.execute(sa.text(PARTS), {"log": log_id}):
        parts.setdefault(index, []).append(part)
    while rows := bind.execute(sa.text(ENTRIES), {"log": log_id, "after": after, "most": AT_ONCE}).all():
        found = [(index, _of_entry(*said, parts=parts.get(index, ()))) for index, *said in map(tuple, rows)]
        bind.execute(
            kept.insert(),
            [{"id": log_id * LOG + index, "log_id": log_id, "idx": index, "words": words} for index, words in found],
        )
        after = rows[-1][0]


def _of_entry(kind, what, category, told, withheld, thanks, *sides, parts):
    told = (json.loads(told) if isinstance(told, str) else told) or {}
    hidden = told.get("withheld", ())
    texts = [str(told[name]) for name in ("rule", "old", "new") if name in told and name not in hidden]
    words = stems.row(w="\n".join([*texts, thanks or "", "" if "why" in hidden else what])).split()
    named = [*sides, *(number for part, number in parts if part == "by" or kind == "role")]
    marks = [f"m{number}" for number in named if number is not None]
    readers = [*sides, *(number for _, number in parts)]
    marks += [f"r{number}" for number in readers if number is not None] if withheld else ["xall"]
    return stems.joined({*words, *([stems.category(category)] if category else []), *marks})


def downgrade() -> None:
    """Take them away again."""
    for name, rows, _key in ENGINES:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TABLE {name}")
        op.drop_table(rows)
    op.drop_index("ix_post_newest", table_name="post")
    op.drop_index("ix_post_event", table_name="post")
    op.drop_column("post", "place")
