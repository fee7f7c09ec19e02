"""Letters on their way out: rendered, handed to SMTP or to a folder, and ticked off in the outbox one by one."""

from exchange.mail.files import newest_files
from exchange.mail.kinds import KINDS, MUST, SMALL
from exchange.mail.links import VERBS, Act, Expired
from exchange.mail.outbox import Delivered, count_waiting, deliver

__all__ = [
    "KINDS",
    "MUST",
    "SMALL",
    "VERBS",
    "Act",
    "Delivered",
    "Expired",
    "count_waiting",
    "deliver",
    "newest_files",
]
