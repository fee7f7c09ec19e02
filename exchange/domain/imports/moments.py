"""Days and moments as people write them into files."""

import re
from datetime import UTC, datetime

from flask_babel import lazy_gettext as _

from exchange.domain.errors import BadInput

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
FIRST = datetime(1900, 1, 1, tzinfo=UTC)


def moment(value: str, *, latest: datetime) -> datetime:
    """The moment that a date, or a date and time with its zone, stands for; a date means midnight UTC.

    Raises BadInput for anything else, and for what lies after `latest` or before 1900 (a slip of the keyboard).
    """
    shown = value[:40]
    if not DAY.match(value):
        raise BadInput(_("“%(value)s” is not a date such as 2024-05-31.", value=shown), field="at")
    try:
        read = datetime.fromisoformat(value.upper())
        if DAY.fullmatch(value):
            read = read.replace(tzinfo=UTC)
        elif read.tzinfo is None:
            raise BadInput(
                _("“%(value)s” has no time zone; 2024-05-31T18:00Z or 2024-05-31T18:00+02:00 has one.", value=shown),
                field="at",
            )
        found = read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(_("“%(value)s” is no day or time of the calendar.", value=shown), field="at") from None
    if found > latest:
        raise BadInput(_("“%(value)s” lies in the future.", value=shown), field="at")
    if found < FIRST:
        raise BadInput(_("“%(value)s” lies before 1900.", value=shown), field="at")
    return found
