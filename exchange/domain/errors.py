"""Refusals: exceptions that carry a sentence for people and a status for their browser."""

from typing import Any


class Refusal(Exception):  # noqa: N818 (people are refused; nothing went wrong)
    """Something that cannot be done now. The sentence is shown as written."""

    status = 409

    def __init__(self, sentence: Any, *, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field

    def __str__(self) -> str:
        return str(self.sentence)


class BadInput(Refusal):
    """Something that was typed cannot be taken; `field` names where."""

    status = 422


class NotYours(Refusal):
    """Somebody may see a thing and may not do this with it."""

    status = 403


class NotFound(Refusal):
    """There is no such thing, or none that this person may know of."""

    status = 404


class Gone(Refusal):
    """A link that was good once."""

    status = 410
