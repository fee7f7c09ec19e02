"""The two halves of a letter, its text and its page, made of the same sentences."""

import re
from collections.abc import Hashable, Iterable
from itertools import chain
from typing import Any

from flask_babel import force_locale

from exchange.config import Settings
from exchange.digest import closing, sentences
from exchange.digest.facts import CameOf, Carried, Digest, Item, News, Note, Section, Told, Waiting
from exchange.digest.fragments import FOLDER, Fragments, inlined
from exchange.digest.lines import Block, Lines
from exchange.digest.picture import WIDEST, drawn
from exchange.digest.skeleton import Facts, Shaped
from exchange.digest.voice import Said, Voice, _, cut, one_line
from exchange.mail.render import environment

THANKS = 300
EMPTY = Lines("")


class Half:
    """The text of a letter, or its page: the same sentences, items and links."""

    def __init__(self, digest: Digest, settings: Settings, stop: str, fragments: Fragments, *, html: bool) -> None:
        self.digest, self.settings, self.stop, self.fragments = digest, settings, stop, fragments
        self.voice: Voice = fragments.voice(digest.reader, html=html)
        self.several = len(digest.groups) > 1
        self.pressed = False

    def subject(self) -> str:
        """The subject, as a plain line."""
        return str(sentences.subject(self.digest, self.voice))

    def plain(self, subject: str) -> Block:
        """The text, without blanks at the ends of lines, and with two empty lines at most."""
        return self.fragments.skeletons.text(self._key, self._facts(subject), self._rendered_text)

    def page(self, subject: str) -> Block:
        """The HTML, whose skeleton has its style in its elements before anything that is said comes into it."""
        return self.fragments.skeletons.page(self._key, self._facts(subject), self._rendered_page)

    @property
    def _key(self) -> tuple[bool, str]:
        return self.voice.html, self.voice.locale_name

    def _rendered_text(self, facts: Facts) -> str:
        lines = "\n".join(line.rstrip() for line in self._filled("body.txt", facts).strip("\n").splitlines())
        return re.sub(r"\n{4,}", "\n\n\n", lines)

    def _rendered_page(self, facts: Facts) -> str:
        return inlined(self._filled("body.html", facts))

    def _filled(self, name: str, facts: Facts) -> str:
        locale = self.voice.locale
        language = {"language": str(locale).replace("_", "-"), "direction": locale.text_direction}
        with force_locale(self.voice.locale_name):
            return environment().get_template(f"{FOLDER}/{name}").render(facts | language)

    def _facts(self, subject: str) -> Facts:
        digest, say = self.digest, self.voice
        return {
            "subject": subject,
            "date": say.date,
            "greeting": sentences.greeting(digest, say),
            "lead": sentences.lead(digest, say),
            "notes": [self._note(note) for note in digest.notes],
            "sections": [self._section(section) for section in digest.sections],
            "stop": self.stop,
            "privacy": self._link("/privacy"),
            **self._year(),
            "news": [self._news(news) for news in digest.news],
            **self._groups(),
            "logs": [self._log(one) for one in digest.checkpoints],
        }

    def _kept(self, *key: Hashable) -> tuple[Hashable, ...]:
        """What decides what a piece says, beside what it is about."""
        return (self.voice.own, self.several, *key)

    def _link(self, path: str) -> str:
        return f"{self.settings.base_url}{path}"

    def _heading(self, said: Said) -> str:
        return said if self.voice.html else said.upper()

    def _note(self, note: Note) -> Facts:
        """An organiser's words, as paragraphs of lines."""
        paragraphs = [
            [line for line in map(one_line, paragraph.splitlines()) if line] for paragraph in note.text.split("\n\n")
        ]
        by = closing.note_by(note, self.voice, named=self.several)
        return {"by": by, "paragraphs": [lines for lines in paragraphs if lines]}

    def _section(self, section: Section) -> Facts:
        pieces: Iterable[Block] = map(self._told, section.items)
        return {
            "title": self._heading(sentences.title(section.part, self.voice)),
            "pieces": Block(chain.from_iterable(pieces)),
        }

    def _told(self, one: Told) -> Block:
        """A thing with, in the text, an empty line before it."""
        if isinstance(one, Item):
            key = self._kept(one.new, one.reason, one.group.name)
            return self.fragments.kept(key, lambda: self._post(one), of=one.post)
        return self._waiting(one) if isinstance(one, Waiting) else self._came_of(one)

    def _piece(self, *some: tuple[str, Facts]) -> Block:
        """A piece, or several that stand together."""
        pieces = [self.fragments.piece(name, self.voice, facts) for name, facts in some]
        return Block([Lines.joined(chain(() if self.voice.html else (EMPTY,), *pieces))])

    def _waiting(self, one: Waiting) -> Block:
        """What waits; the first one has the letter's only solid button."""
        first, self.pressed = not self.pressed, True
        facts = {
            "group": self.voice.say("%(group)s", group=one.group.name) if self.several else "",
            "sentence": sentences.waits(one, self.voice),
            "act": sentences.act(one, self.voice),
            "link": self._link(one.path),
            "first": first,
        }
        return self._piece(("waiting", facts))

    def _post(self, item: Item) -> Block:
        """A post, and why this reader sees it."""
        post, say, link = item.post, self.voice, self._link(f"/g/{item.group.slug}/posts/{item.post.id}")
        category = one_line(post.category)
        if self.several:
            category = say.say(_("%(category)s, in %(group)s"), category=category, group=item.group.name)
        facts = {
            "kind": sentences.kind(post, say),
            "category": category,
            "title": one_line(post.title),
            "by": sentences.by(post, say),
            "link": link,
        }
        return self._piece(("post", facts), ("why", {"why": sentences.why(item, say), "link": link}))

    def _came_of(self, one: CameOf) -> Block:
        key = self._kept(one.giver_id in self.digest.members)
        return self.fragments.kept(key, lambda: self._what_came_of(one), of=one)

    def _what_came_of(self, one: CameOf) -> Block:
        said = sentences.came_of(one, self.digest, self.voice)
        if self.several:
            said = self.voice(said, self.voice.say(_("In %(group)s."), group=one.group.name))
        thanks = [line for line in map(one_line, cut(one.thanks, THANKS).splitlines()) if line]
        return self._piece(("came_of", {"sentence": said, "thanks": thanks}))

    def _news(self, news: News) -> Facts:
        return self.fragments.kept(self._kept(), lambda: self._told_of(news), of=news)

    def _told_of(self, news: News) -> Facts:
        title = self._heading(closing.week_of(news, self.digest.reader, self.voice, named=self.several))
        return Shaped({"title": title, "text": closing.week(news, self.voice)})

    def _log(self, one: Carried) -> Facts:
        key = self._kept(
            "log", one.group.slug, one.group.name, one.size, bool(one.before), one.size_before == one.size, one.note
        )
        link = self._link(f"/g/{one.group.slug}/log")
        return self.fragments.kept(
            key, lambda: Shaped({"text": closing.log(one, self.voice, named=self.several), "link": link})
        )

    def _groups(self) -> Facts:
        """What a letter says of its groups, the same for all who are in the same ones and get it at the same hour."""
        digest = self.digest
        who = tuple([(group.slug, group.name, group.invented, group.organisers) for group in digest.groups])
        silent = tuple([group.slug for group in digest.silent])
        reader = digest.reader
        key = self._kept("groups", who, silent, reader.rhythm, reader.weekday, reader.hour)
        return self.fragments.kept(key, self._said_of_groups)

    def _said_of_groups(self) -> Facts:
        digest, say = self.digest, self.voice
        return {
            "groups": [say.say("%(group)s", group=group.name) for group in digest.groups],
            "silent": [
                {"link": self._link(f"/g/{group.slug}/me"), "text": closing.silent(group, say, named=self.several)}
                for group in digest.silent
            ],
            "farewell": closing.farewell(digest, say),
            "because": closing.because(digest, say),
            "choice": self._link(f"/g/{digest.groups[0].slug}/me/letters"),
            "invented": any(group.invented for group in digest.groups),
        }

    def _year(self) -> Facts:
        digest = self.digest
        key = self._kept("year", digest.week, digest.year, digest.reader.window_from)
        return self.fragments.kept(key, self._said_of_year)

    def _said_of_year(self) -> Facts:
        """The year in words and, in the page, as a picture."""
        digest = self.digest
        picture = self._picture() if digest.year.people and self.voice.html else ""
        title = self._heading(closing.year_of(digest, self.voice))
        return {"year_title": title, "year": closing.year(digest, self.voice), "picture": picture}

    def _picture(self) -> Block:
        picture, say = drawn(self.digest.year), self.voice
        labels = {"gave": _("Gave"), "received": _("Received"), "people": _("People")}
        rows: list[dict[str, Any]] = [
            {
                "look": row.look,
                "label": say.say(labels[row.look]),
                "count": say.number(row.count),
                "squares": row.squares,
            }
            for row in picture.rows
        ]
        each = closing.each(picture.each, say) if picture.each > 1 else ""
        return self._drawn({"rows": rows, "each": each, "widest": WIDEST})

    def _drawn(self, facts: Facts) -> Block:
        return Block([Lines(self.fragments.page("picture", self.voice, facts) + "\n")])
