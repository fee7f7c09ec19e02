"""What is not easily taken back asks for the password once more, so that nobody else does it in an open browser."""

from flask_babel import gettext as _
from flask_security.utils import verify_password

from exchange.domain.errors import BadInput
from exchange.web.guards import somebody


def asked_again(typed: str | None) -> None:
    """Go on if this is the reader's own. Raises BadInput for the field `password`."""
    kept = somebody().password
    if not kept or not verify_password(typed or "", kept):
        raise BadInput(_("This is not your password. Nothing was changed."), field="password")
