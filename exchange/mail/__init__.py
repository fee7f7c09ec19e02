"""Letters on their way out: rendered, handed to SMTP or to a folder, and ticked off in the outbox one by one."""

from exchange.mail.files import newest_files
from exchange.mail.outbox import Delivered, count_waiting, deliver

__all__ = ["Delivered", "count_waiting", "deliver", "newest_files"]
