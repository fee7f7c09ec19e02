"""Changing one's e-mail address: asked for with the password, done by a button behind a link that the new one gets."""

import hashlib
from datetime import timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer

from exchange.domain import addresses
from exchange.domain.errors import Gone
from exchange.web.forms import attempt, status
from exchange.web.forms.people import AddressForm
from exchange.web.guards import now, person, somebody
from exchange.web.password import asked_again

bp = Blueprint("addresses", __name__)
LASTS = timedelta(days=1)


@bp.route("/me/address", methods=["GET", "POST"])
def change() -> ResponseReturnValue:
    """Ask for another address. The answer is the same whether somebody has it or not."""
    form = AddressForm()
    if email := attempt(form, lambda: _asked(form)):
        flash(
            _("If the address is free, a letter is on its way to %(address)s. Its link works for a day.", address=email)
        )
        return redirect(url_for("account.show"))
    return render_template("account/address.html", form=form), status()


def _asked(form: AddressForm) -> str:
    reader = somebody()
    asked_again(form.password.data)
    email = addresses.wished(form.email.data or "", by=reader)
    said = [reader.id, reader.email, email, int(now().timestamp()), reader.fs_uniquifier[:16]]
    addresses.ask(email, by=reader, path=url_for("addresses.confirm", token=_signer().dumps(said)), at=now())
    return email


@bp.route("/address/<token>", methods=["GET", "POST"])
def confirm(token: str) -> ResponseReturnValue:
    """What the link would do, and the button that does it."""
    person_id, old, new, epoch = _read(token)
    if request.method == "POST":
        addresses.take(person_id, old=old, new=new, epoch=epoch, at=now())
        flash(_("Your address is %(address)s from now on. Sign in with it.", address=new))
        return redirect(url_for("account.show") if person() else url_for("security.login"))
    return render_template("account/new_address.html", new=new, token=token)


def _read(token: str) -> tuple[int, str, str, str]:
    """Raises Gone for a link that was not written here, or longer than a day ago."""
    try:
        person_id, old, new, at, epoch = _signer().loads(token)
    except BadData:
        at = 0
    if now().timestamp() - at > LASTS.total_seconds():
        raise Gone(_("This link does not work any more. Ask for a new letter on your account page."))
    return int(person_id), str(old), str(new), str(epoch)


def _signer() -> URLSafeTimedSerializer:
    settings = current_app.extensions["settings"]
    keys = [*settings.secrets_before, settings.secret_key]
    return URLSafeTimedSerializer(
        keys, salt="new address", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
    )
