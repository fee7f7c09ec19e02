"""Why a backup was not made or not put back."""


class BadBackup(Exception):  # noqa: N818 (the backup is bad, not the program)
    """The sentence says what is wrong and that nothing was changed."""
