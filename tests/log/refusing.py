"""A server that has signed more than its database holds, and so signs nothing."""

from sqlalchemy.orm import Session

from exchange.config import Settings
from exchange.log import kept
from exchange.log.append import head_of
from exchange.log.checkpoint import Checkpoint
from exchange.log.keys import signer
from exchange.log.note import signed


def set_back(session: Session, group_id: int, settings: Settings) -> None:
    """Let the checkpoint that is kept be one over five entries more than there are."""
    head = head_of(session, group_id)
    note = signed(Checkpoint(head.origin, head.size + 5, bytes(32)).text(), signer(settings.log_key, head.origin))
    with kept.locked(settings.checkpoints, head.origin):
        kept.keep(settings.checkpoints, head.origin, note)


def put_right(session: Session, group_id: int, settings: Settings) -> None:
    """And it signs again."""
    kept.path_of(settings.checkpoints, head_of(session, group_id).origin).unlink()
