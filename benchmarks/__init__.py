"""What is fast enough and what is not: each prints its figures beside the limit and the peer it is held against."""

import sys

# Only a developer's tool brings it along. Structlog takes it where it is there, with 3 MB that no server's worker has.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
