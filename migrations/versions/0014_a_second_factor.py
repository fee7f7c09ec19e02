"""A second factor: what the authenticator app shares with us, recovery codes, and whether organisers need one.

Revision: 0014
After: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nobody has one yet, and no group asks for one."""
    op.add_column("person", sa.Column("tf_primary_method", sa.String(length=64), nullable=True))
    op.add_column("person", sa.Column("tf_totp_secret", sa.String(length=400), nullable=True))
    op.add_column("person", sa.Column("mf_recovery_codes", sa.UnicodeText(), nullable=True))
    op.add_column("person", sa.Column("code_used", KEY, nullable=True))
    op.add_column("group_policy", sa.Column("second_factor", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Forget them: the password alone signs in again."""
    op.drop_column("group_policy", "second_factor")
    for column in ("code_used", "mf_recovery_codes", "tf_totp_secret", "tf_primary_method"):
        op.drop_column("person", column)
