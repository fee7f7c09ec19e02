"""The sentences for people, in the languages of Exchange.

They stand in English where they are said. What they are in another language is read from the catalogue itself, so that
nothing has to be compiled: a checkout, an image and a package say the same.
"""

from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask_babel import Babel, Domain, get_locale, gettext

# A language joins them when all sentences are translated. Their names are written in themselves.
LANGUAGES = {"en": "English", "es": "Español"}
CATALOGUES = Path(__file__).parent / "translations"


def N_(sentence: str) -> str:  # noqa: N802 (what gettext calls it)
    """Marks a sentence that is said later."""
    return sentence


# What the log itself gives as a reason. It is kept in English there, whatever language somebody acts in.
NOT_THEM = N_("Who was named says that it was not them.")
NOBODY_FREE = N_("No organiser is free to decide this. The site’s administrator does.")
REASONS = {NOT_THEM, NOBODY_FREE}


def catalogue(language: str) -> Path:
    """The file that holds the sentences in a language other than English."""
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


@lru_cache
def said_in(language: str) -> NullTranslations:
    """The sentences in a language; as they are in English and in languages that nobody has written yet.

    The first call for a language takes a tenth of a second, later ones nothing.
    """
    if language == "en" or language not in LANGUAGES:
        return Translations()
    with catalogue(language).open("rb") as file:
        sentences = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, sentences)
    compiled.seek(0)
    return Translations(compiled)


def reason(text: str) -> str:
    """A reason of the log in the language of whoever reads; what people wrote stays as it is."""
    return str(gettext(text)) if text in REASONS else text


class Sentences(Domain):  # type: ignore[misc]
    """Where Flask-Babel finds them."""

    def get_translations(self) -> NullTranslations:
        """The sentences in the language of whoever reads."""
        locale = get_locale()
        return said_in(locale.language if locale else "en")


class Languages(Babel):  # type: ignore[misc]
    """Flask-Babel with our catalogues."""

    domain_instance = Sentences()
