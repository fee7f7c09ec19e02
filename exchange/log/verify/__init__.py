"""Verifying an exported log without the server: docs/log-format.md says what is checked, and why.

Nothing here touches a database. It needs the folder, and what readers remember.
"""

from exchange.log.verify.report import Failure, Report, Row
from exchange.log.verify.run import verify

__all__ = ["Failure", "Report", "Row", "verify"]
