"""A second factor: codes of an authenticator app and recovery codes, by Flask-Security, with keys of ours."""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from flask_security import Totp
from flask_security.signals import tf_disabled, tf_profile_changed
from passlib.totp import TOTP, AppWallet

from exchange.domain import accounts

if TYPE_CHECKING:
    from passlib.totp import TotpMatch

    from exchange.config import Settings

SENTENCES = {
    "TWO_FACTOR_INVALID_TOKEN": _("This code is not right, or was used already. Wait for the next one."),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": _("You are signed in."),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": _("It works: from now on signing in takes a code of your app."),
    "TWO_FACTOR_PERMISSION_DENIED": _("Type your password first."),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": _("Choose what to do."),
    "TWO_FACTOR_DISABLED": _("Switched off: the password alone signs you in."),
    "TWO_FACTOR_SETUP_EXPIRED": _("This page was good for %(within)s. Begin again."),
    "INVALID_RECOVERY_CODE": _("This is none of your recovery codes, or it was used already."),
    "INVALID_CODE": _("This code is not right, or was used already. Wait for the next one."),
    "NO_RECOVERY_CODES_SETUP": _("You have no recovery codes yet."),
    "REAUTHENTICATION_REQUIRED": _("Type your password once more to go on."),
    "REAUTHENTICATION_SUCCESSFUL": _("Thank you. Go on."),
    "API_ERROR": _("This page does not work any more. Begin again."),
}
AGAIN = timedelta(minutes=15)


class Codes(Totp):
    """Codes of an app. What is shared with it is kept encrypted, and a code is good once."""

    def __init__(self, secrets: dict[str, str], issuer: str) -> None:
        """The first of the keys encrypts; all of them open."""
        wallet = AppWallet(secrets, default_tag=next(iter(secrets)))
        self._totp = TOTP.using(issuer=issuer, wallet=wallet)

    def get_last_counter(self, user: Any) -> int | None:
        """The half minute whose code was used last."""
        used: int | None = user.code_used
        return used

    def set_last_counter(self, user: Any, tmatch: "TotpMatch") -> None:
        """Kept by the commit that ends the view."""
        user.code_used = tmatch.counter


def settings_of(settings: "Settings") -> dict[str, Any]:
    """What Flask-Security has to be told. The keys follow from the secret key, and from those before it."""
    secrets = (settings.secret_key, *settings.secrets_before)
    return {
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "SECURITY_TWO_FACTOR_SETUP_URL": "/me/second-factor",
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
        "SECURITY_TWO_FACTOR_RESCUE_URL": "/sign-in/rescue",
        "SECURITY_TWO_FACTOR_SELECT_URL": "/sign-in/choose",
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/me/second-factor",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/me/recovery-codes",
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery-code",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [base64.urlsafe_b64encode(_key(one, "codes")) for one in secrets],
        "SECURITY_TOTP_SECRETS": {_key(one, "tag").hex()[:12]: _key(one, "app").hex() for one in secrets},
        "SECURITY_TOTP_ISSUER": f"Exchange {urlsplit(settings.base_url).hostname}",
        "SECURITY_FRESHNESS": AGAIN,
        "SECURITY_FRESHNESS_GRACE_PERIOD": AGAIN,
        "SECURITY_VERIFY_URL": "/me/verify",
    }


def _key(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), f"second factor, {purpose}".encode(), hashlib.sha256)


def init_app(app: Flask) -> None:
    """Tell people when it is switched on or off, and lead whoever lost their device to the recovery codes."""
    tf_profile_changed.connect(_on, app)
    tf_disabled.connect(_off, app)
    app.view_functions["security.two_factor_rescue"] = _rescue


def _on(_app: Flask, user: Any, **_said: Any) -> None:
    accounts.write("second_factor", _row(user), at=current_app.extensions["clock"](), on=True)


def _off(_app: Flask, user: Any, **_said: Any) -> None:
    person = _row(user)
    person.mf_recovery_codes = None
    accounts.write("second_factor", person, at=current_app.extensions["clock"](), on=False)


def _row(user: Any) -> Any:
    return user._get_current_object() if hasattr(user, "_get_current_object") else user


def _rescue() -> ResponseReturnValue:
    return redirect(url_for("security.mf_recovery"))
