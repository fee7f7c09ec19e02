"""A copy of the whole database as one file, and the way back from it.

The copy holds what the database holds and nothing else: neither the keys nor the last checkpoints, which have to be
kept elsewhere, since a thief of both could sign another history.
"""

from exchange.storage.backup.archive import Manifest as Manifest
from exchange.storage.backup.archive import back_up as back_up
from exchange.storage.backup.archive import restore as restore
from exchange.storage.backup.errors import BadBackup as BadBackup
