"""Something that a member kept, to be held against the log."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import FileField, TextAreaField


class KeepsakeForm(FlaskForm):  # type: ignore[misc]
    """A receipt or a signed fingerprint, as a file or as text."""

    file = FileField(_("The file"))
    text = TextAreaField(_("Or its text"))

    @property
    def kept(self) -> str:
        """What was sent: the file, if there is one."""
        if self.file.data:
            return str(self.file.data.read().decode("utf-8", "replace"))
        return self.text.data or ""
