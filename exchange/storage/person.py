"""People who can sign in. One person may be a member of several groups."""

from datetime import datetime

from flask_security import AsaList, UserMixin
from sqlalchemy import CheckConstraint, String
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column

from exchange.storage.db import Base


class Person(UserMixin, Base):
    """An e-mail address, a password, a language and a zone.

    `password` is empty until the person has set one: whoever was imported cannot sign in before. The `tf_` and `mf_`
    columns are the sign-in library's, encrypted: what the authenticator app shares with us, and the recovery codes.
    `code_used` is the number of the half minute whose code was used last: no code is good twice.
    """

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_in_lower_case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None]
    is_administrator: Mapped[bool] = mapped_column(default=False)
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    language: Mapped[str] = mapped_column(String(8), default="en")
    created_at: Mapped[datetime]
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(400))
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    code_used: Mapped[int | None]

    @property
    def second_factor(self) -> bool:
        """Whether signing in takes a code of an app beside the password."""
        return bool(self.tf_primary_method and self.tf_totp_secret)
