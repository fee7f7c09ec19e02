"""The two halves of a letter, its text and its page, made of the same sentences."""

import re
from collections.abc import Hashable
from functools import cached_property
from typing import Any

from exchange.config import Settings
from exchange.digest import closing, sentences
from exchange.digest.facts import CameOf, Digest, Item, News, Note, Section, Told, Waiting
from exchange.digest.fragments import FOLDER, Fragments, inlined
from exchange.digest.picture import WIDEST, drawn
from exchange.digest.skeleton import Piece
from exchange.digest.voice import Said, Voice, _, cut, one_line, voice
from exchange.mail.render import environment

THANKS = 300


class Half:
    """The text of a letter, or its page: the same sentences, items and links."""

    def __init__(self, digest: Digest, settings: Settings, stop: str, fragments: Fragments, *, html: bool) -> None:
        self.digest, self.settings, self.stop, self.fragments = digest, settings, stop, fragments
        self.voice: Voice = voice(digest.reader, html=html)
        self.ending = "html" if html else "txt"
        self.several = len(digest.groups) > 1
        self.pressed = False

    @cached_property
    def subject(self) -> str:
        """The subject, as a plain line."""
        return str(sentences.subject(self.digest, voice(self.digest.reader, html=False)))

    def plain(self) -> str:
        """The text, without blanks at the ends of lines, and with two empty lines at most."""
        return self.fragments.skeletons.text(self._key, self._facts(), self._rendered_text) + "\n"

    def page(self) -> str:
        """The HTML, whose skeleton has its style in its elements before anything that is said comes into it."""
        return self.fragments.skeletons.page(self._key, self._facts(), self._rendered_page)

    @property
    def _key(self) -> tuple[str, str]:
        return self.ending, str(self.voice.locale)

    def _rendered_text(self, facts: dict[str, Any]) -> str:
        text = environment().get_template(f"{FOLDER}/body.txt").render(facts | self._language)
        lines = "\n".join(line.rstrip() for line in text.strip("\n").splitlines())
        return re.sub(r"\n{4,}", "\n\n\n", lines)

    def _rendered_page(self, facts: dict[str, Any]) -> str:
        return inlined(environment().get_template(f"{FOLDER}/body.html").render(facts | self._language))

    @property
    def _language(self) -> dict[str, str]:
        locale = self.voice.locale
        return {"language": str(locale).replace("_", "-"), "direction": locale.text_direction}

    def _facts(self) -> dict[str, Any]:
        digest, say = self.digest, self.voice
        return {
            "subject": self.subject,
            "date": say.date,
            "groups": [say.say("%(group)s", group=group.name) for group in digest.groups],
            "greeting": sentences.greeting(digest, say),
            "lead": sentences.lead(digest, say),
            "notes": [self._note(note) for note in digest.notes],
            "sections": [self._section(section) for section in digest.sections],
            "silent": [
                {"link": self._link(f"/g/{group.slug}/me"), "text": closing.silent(group, say, named=self.several)}
                for group in digest.silent
            ],
            "year": closing.year(digest, say),
            "picture": self._picture() if digest.year.people else "",
            "news": [
                {
                    "title": self._heading(closing.week_of(news, say, named=self.several)),
                    "text": closing.week(news, say),
                }
                for news in digest.news
            ],
            "farewell": closing.farewell(digest, say),
            "because": closing.because(digest, say),
            "choice": self._link(f"/g/{digest.groups[0].slug}/me/letters"),
            "stop": self.stop,
            "logs": [
                {"text": closing.log(one, say, named=self.several), "link": self._link(f"/g/{one.group.slug}/log")}
                for one in digest.checkpoints
            ],
            "invented": any(group.invented for group in digest.groups),
        }

    def _news(self, news: News) -> dict[str, Any]:
        title = self._heading(closing.week_of(news, self.voice, named=self.several))
        return {"title": title, "text": closing.week(news, self.voice)}

    def _heading(self, said: Said) -> str:
        return said if self.voice.html else said.upper()

    def _link(self, path: str) -> str:
        return f"{self.settings.base_url}{path}"

    def _note(self, note: Note) -> dict[str, Any]:
        """An organiser's words, as paragraphs of lines."""
        paragraphs = [
            [line for line in map(one_line, paragraph.splitlines()) if line] for paragraph in note.text.split("\n\n")
        ]
        by = closing.note_by(note, self.voice, named=self.several)
        return {"by": by, "paragraphs": [lines for lines in paragraphs if lines]}

    def _section(self, section: Section) -> dict[str, Any]:
        return {
            "title": self._heading(sentences.title(section.part, self.voice)),
            "pieces": [self._told(one) for one in section.items],
        }

    def _told(self, one: Told) -> Piece:
        if isinstance(one, Waiting):
            return self._waiting(one)
        return self._came_of(one) if isinstance(one, CameOf) else self._post(one)

    def _piece(self, name: str, key: Hashable, **facts: Any) -> Piece:
        return Piece(self.fragments.piece(f"{name}.{self.ending}", (str(self.voice.locale), key), **facts))

    def _waiting(self, one: Waiting) -> Piece:
        """What waits; the first one has the letter's only solid button."""
        first, self.pressed = not self.pressed, True
        facts = {
            "group": self.voice.say("%(group)s", group=one.group.name) if self.several else "",
            "sentence": sentences.waits(one, self.voice),
            "act": sentences.act(one, self.voice),
            "link": self._link(one.path),
            "first": first,
        }
        return self._piece("waiting", tuple(facts.values()), **facts)

    def _post(self, item: Item) -> Piece:
        """A post, the same for all who read in one zone; and why this reader sees it."""
        say, link = self.voice, self._link(f"/g/{item.group.slug}/posts/{item.post.id}")
        reads = self.ending, str(say.locale), say.zone.key, say.written_at, self.several, item.group
        post = self.fragments.once(item.post, reads, lambda: self._shared(item, link))
        why = sentences.why(item, say)
        told = self._piece("why", (link if not say.html else "", why), why=why, link=link)
        return Piece(f"{post}\n{told}")

    def _shared(self, item: Item, link: str) -> Piece:
        post, by, category = item.post, sentences.by(item.post, self.voice), one_line(item.post.category)
        if self.several:
            category = self.voice.say(_("%(category)s, in %(group)s"), category=category, group=item.group.name)
        title = one_line(post.title)
        facts = {"kind": sentences.kind(post, self.voice), "category": category, "title": title, "by": by, "link": link}
        return self._piece("post", (link, category, title, by), **facts)

    def _came_of(self, one: CameOf) -> Piece:
        said = sentences.came_of(one, self.digest, self.voice)
        if self.several:
            said = self.voice(said, self.voice.say(_("In %(group)s."), group=one.group.name))
        thanks = [line for line in map(one_line, cut(one.thanks, THANKS).splitlines()) if line]
        return self._piece("came_of", (said, *thanks), sentence=said, thanks=thanks)

    def _picture(self) -> str:
        """The picture of the year. The text says the same in words, as the page does."""
        if not self.voice.html:
            return ""
        picture, say = drawn(self.digest.year), self.voice
        labels = {"gave": _("Gave"), "received": _("Received"), "people": _("People")}
        rows = [
            {
                "look": row.look,
                "label": say.say(labels[row.look]),
                "count": say.number(row.count),
                "squares": row.squares,
            }
            for row in picture.rows
        ]
        each = closing.each(picture.each, say) if picture.each > 1 else ""
        return self._piece("picture", self.digest.year, rows=rows, each=each, widest=WIDEST)
