"""Signing in, by Flask-Security, and its letters, which go through our outbox."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from babel.support import Translations
from flask import Flask, current_app, redirect, request, url_for
from flask_babel import lazy_gettext as _
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.mail_util import MailUtil
from flask_security.utils import hash_password

from exchange.domain import accounts, sign_ins
from exchange.web import second_factor

# Flask-Security's name of a letter, and ours.
LETTERS = {
    "reset_instructions": "reset",
    "reset_notice": "password_reset",
    "change_notice": "password_changed",
    "confirmation_instructions": "confirm_email",
}
LINKS = {"reset": "reset_link", "confirm_email": "confirmation_link"}

SENTENCES = {
    "INVALID_PASSWORD": _("The e-mail or the password is not right."),
    "USER_DOES_NOT_EXIST": _("The e-mail or the password is not right."),
    "GENERIC_AUTHN_FAILED": _("The e-mail or the password is not right."),
    "PASSWORD_NOT_PROVIDED": _("Type your password."),
    "EMAIL_NOT_PROVIDED": _("Type your e-mail address."),
    "INVALID_EMAIL_ADDRESS": _("This is not an e-mail address."),
    "PASSWORD_RESET_REQUEST": _("If there is an account with %(email)s, a letter with a link is on its way to it."),
    "PASSWORD_RESET": _("Your new password is set, and you are signed in."),
    "PASSWORD_RESET_NO_LOGIN": _("Your new password is set. Sign in with it."),
    "PASSWORD_RESET_EXPIRED": _("This link was good for %(within)s. Ask for a new letter."),
    "INVALID_RESET_PASSWORD_TOKEN": _("This link does not work any more. Ask for a new letter."),
    "PASSWORD_CHANGE": _("Your password is changed."),
    "PASSWORD_INVALID_LENGTH": _("A password has at least %(length)s characters."),
    "RETYPE_PASSWORD_MISMATCH": _("The two passwords differ."),
    "CONFIRMATION_REQUEST": _("If there is an account with %(email)s, a letter with a link is on its way to it."),
    "EMAIL_CONFIRMED": _("Thank you, your address is confirmed."),
    "ALREADY_CONFIRMED": _("Your address was confirmed already."),
    "CONFIRMATION_REQUIRED": _("Please confirm your address first."),
    "CONFIRMATION_EXPIRED": _("This link was good for %(within)s. Ask for a new letter."),
    "INVALID_CONFIRMATION_TOKEN": _("This link does not work any more. Ask for a new letter."),
    "PASSWORD_IS_THE_SAME": _("This is the password that you have already."),
    "DISABLED_ACCOUNT": _("This account is not active any more."),
    "ANONYMOUS_USER_REQUIRED": _("You are signed in already."),
    "LOGIN": _("Please sign in to see this page."),
    "UNAUTHORIZED": _("You may not open this page."),
}


class Letters(MailUtil):
    """Puts the letters of sign-in into the outbox. They are sent by the worker like all others."""

    def send_mail(
        self,
        template: str,
        subject: str,  # noqa: ARG002 (ours stands in the letter's own folder)
        recipient: str | tuple[str, str],  # noqa: ARG002
        sender: Any,  # noqa: ARG002
        body: str | None,  # noqa: ARG002
        html: str | None,  # noqa: ARG002
        **context: Any,
    ) -> None:
        """Write the letter. Takes as long as it takes to say that there is no such account."""
        kind = LETTERS[template.rpartition("/")[2]]
        if kind == "reset":
            # The view hashes once where there is no account, and would tell by its time who is a member.
            hash_password("not-a-password")
        facts = {}
        if kind in LINKS:
            link = urlsplit(context[LINKS[kind]])
            facts["path"] = link.path + (f"?{link.query}" if link.query else "")
        accounts.write(kind, context["user"], at=current_app.extensions["clock"](), **facts)


class People(SQLAlchemyUserDatastore):
    """Accounts as Flask-Security sees them. Roles belong to memberships, so there are none here."""

    def _prepare_create_user_args(self, **kwargs: Any) -> dict[str, Any]:
        prepared: dict[str, Any] = super()._prepare_create_user_args(**kwargs)  # type: ignore[no-untyped-call]
        prepared.pop("roles")
        return prepared

    def set_uniquifier(self, user: Any, uniquifier: str | None = None) -> None:
        """A new password, by change or by letter, signs out everywhere."""
        super().set_uniquifier(user, uniquifier)
        sign_ins.ended(self.db.session(), user.id)


def init_app(app: Flask, *, people: type, database: Any) -> None:
    """Set Flask-Security up: addresses of ours, generic answers, argon2, letters through the outbox."""
    app.config.update(
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_LOGOUT_CSRF=True,
        SECURITY_CHANGE_URL="/me/password",
        SECURITY_RESET_URL="/reset",
        SECURITY_CONFIRM_URL="/confirm",
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/sign-in",
        SECURITY_POST_CHANGE_VIEW="/me",
        SECURITY_REDIRECT_VALIDATE_MODE=[],
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 (the name of a method)
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SALT=None,
        SECURITY_PASSWORD_LENGTH_MIN=10,
        SECURITY_HASHING_SCHEMES=["hex_sha512"],
        SECURITY_DEPRECATED_HASHING_SCHEMES=[],
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        SECURITY_RECOVERABLE=True,
        SECURITY_CONFIRMABLE=True,
        SECURITY_CHANGEABLE=True,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_RESET_PASSWORD_WITHIN=timedelta(days=1),
        SECURITY_EMAIL_PLAINTEXT=False,
        SECURITY_EMAIL_HTML=False,
        SECURITY_STATIC_FOLDER=None,
        SECURITY_FLASH_MESSAGES=True,
        SECURITY_MSG_UNAUTHENTICATED=(SENTENCES["LOGIN"], "info"),
        **second_factor.settings_of(app.extensions["settings"]),
        **{
            f"SECURITY_MSG_{name}": (sentence, "info")
            for name, sentence in {**SENTENCES, **second_factor.SENTENCES}.items()
        },
    )
    no_roles: Any = None
    parts: Any = {"mail_util_cls": Letters, "totp_cls": second_factor.Codes}
    security = Security(app, People(database, people, no_roles), **parts)
    second_factor.init_app(app)
    security.unauthn_handler(_unknown)
    _translate(security.i18n_domain)


def _translate(library: Any) -> None:
    """What the library says beyond our sentences: it has Spanish only for Spain, and would not find it for "es"."""
    for folder in library.translation_directories:
        library.cache["es", "flask_security"] = Translations.load(folder, ["es_ES"], "flask_security")


def _unknown(_mechanisms: list[str], _headers: dict[str, str] | None = None) -> Any:
    return redirect(url_for("security.login", next=request.path))
