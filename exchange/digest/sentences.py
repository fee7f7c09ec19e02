"""The sentences of a letter about people and posts, said by the voice of its part. What is told was decided before."""

from collections.abc import Iterator
from typing import TypeVar

from exchange.digest.facts import CameOf, Candidate, Digest, Item, Part, Reason, Told, Wait, Waiting
from exchange.digest.voice import Said, Voice, _, ngettext

MORNING, NOON, EVENING = 4, 12, 18
TITLES = {
    Part.WAITING: _("Waiting for you"),
    Part.NEEDS: _("Needs you could meet"),
    Part.OFFERS: _("Offers you might love"),
    Part.UNANSWERED: _("Easily overlooked"),
    Part.CAME_OF: _("What came of it"),
}
ASKED = {
    Wait.CONFIRM: _("Did %(name)s help you with %(title)s?"),
    Wait.GAVE: _("Have you helped %(name)s with %(title)s?"),
    Wait.GOT: _("Has %(name)s helped you with %(title)s?"),
}
ACTS = {
    Wait.PLACE: _("Say yes or no"),
    Wait.CONFIRM: _("Say that it happened"),
    Wait.GAVE: _("Say how it went"),
    Wait.GOT: _("Say how it went"),
    Wait.CHOOSE: _("Look and choose"),
    Wait.CLOSING: _("Give it another week"),
    Wait.CORRECTION: _("Look at it"),
    Wait.DISPUTE: _("Settle it"),
    Wait.DESK: _("Go to the desk"),
    Wait.MORE: _("See them all"),
}

Kind = TypeVar("Kind", bound=Told)


def greeting(digest: Digest, voice: Voice) -> Said:
    """Good morning, Ada."""
    if not digest.reader.name:
        return voice.say(_("Good morning") if MORNING <= voice.hour < NOON else _("Good day"))
    name = voice.names([digest.reader.name])
    if MORNING <= voice.hour < NOON:
        return voice.say(_("Good morning, %(name)s"), name=name)
    if NOON <= voice.hour < EVENING:
        return voice.say(_("Good afternoon, %(name)s"), name=name)
    return voice.say(_("Good evening, %(name)s"), name=name)


def lead(digest: Digest, voice: Voice) -> Said:
    """What the letter holds, in a sentence or two; empty where an organiser's note, or thanks, are all of it."""
    return voice(_waiting(digest, voice), _posts(digest, voice))


def _waiting(digest: Digest, voice: Voice) -> Said:
    count = sum(one.count if one.kind is Wait.MORE else 1 for one in _all(digest, Part.WAITING, Waiting))
    sentences = ngettext("One thing waits for you.", "%(count)s things wait for you.")
    return voice.count(sentences, count, count=voice.spelled(count, first=True)) if count else Said("")


def subject(digest: Digest, voice: Voice) -> Said:
    """What the letter is most worth opening for."""
    if names := digest.authors.get(Part.NEEDS):
        return voice.say(_("%(names)s could use a hand"), names=voice.names(names))
    if said := _waiting(digest, voice) or _posts(digest, voice):
        return Said(said.rstrip("."))
    if thanks := [one for one in _all(digest, Part.CAME_OF, CameOf) if one.giver_id in digest.members]:
        return voice.say(_("%(name)s says thank you"), name=voice.name(thanks[0].receiver, first=True))
    return voice.say(_("A word from %(name)s"), name=voice.name(digest.notes[0].by))


def _all(digest: Digest, part: Part, kind: type[Kind]) -> Iterator[Kind]:
    """What stands in a section."""
    return (
        one for section in digest.sections if section.part is part for one in section.items if isinstance(one, kind)
    )


def _posts(digest: Digest, voice: Voice) -> Said:
    needs, offers, others = (digest.authors.get(part, ()) for part in (Part.NEEDS, Part.OFFERS, Part.UNANSWERED))
    asking = giving = Said("")
    if needs:
        sentences = ngettext("%(names)s needs something", "%(names)s need something")
        asking = voice.count(sentences, len(needs), names=voice.names(needs))
    if offers:
        sentences = ngettext("%(names)s offers something", "%(names)s offer something")
        giving = voice.count(sentences, len(offers), names=voice.names(offers))
    if needs and offers:
        return voice.say(
            _("%(needs)s that you could give; %(offers)s that you might love."), needs=asking, offers=giving
        )
    if needs:
        return voice.say(_("%(needs)s that you could give."), needs=asking)
    if offers:
        return voice.say(_("%(offers)s that you might love."), offers=giving)
    if others:
        return voice.say(_("%(names)s would be glad of an answer."), names=voice.names(others))
    return Said("")


def title(part: Part, voice: Voice) -> Said:
    """What stands above a section."""
    return voice.say(TITLES[part])


def waits(one: Waiting, voice: Voice) -> Said:
    """What only the reader can move on."""
    name, title = voice.name(one.name, first=True), voice.quoted(one.title) if one.title else voice.say(_("a favor"))
    if one.kind is Wait.PLACE and one.until:
        held = _("A place is free for you: %(title)s. It waits for you until %(moment)s.")
        wanted = _("%(name)s would take your help now: %(title)s. It waits for you until %(moment)s.")
        return voice.say(wanted if one.need else held, name=name, title=title, moment=voice.moment(one.until))
    if one.kind in {Wait.CHOOSE, Wait.CLOSING}:
        return _own_post(one, title, voice)
    if one.kind is Wait.CORRECTION:
        return voice.say(_("%(name)s proposes a correction of the entry about %(title)s."), name=name, title=title)
    if one.kind is Wait.DISPUTE:
        sentence = _("%(giver)s and %(receiver)s do not agree on %(title)s. An organiser settles it.")
        return voice.say(sentence, giver=name, receiver=voice.name(one.other), title=title)
    if one.kind is Wait.DESK:
        desk = ngettext("One thing waits at the organisers’ desk.", "%(count)s things wait at the organisers’ desk.")
        return voice.count(desk, one.count, count=voice.spelled(one.count, first=True))
    if one.kind is Wait.MORE:
        more = ngettext("One more thing waits for you.", "%(count)s more things wait for you.")
        return voice.count(more, one.count, count=voice.spelled(one.count, first=True))
    return voice.say(ASKED[one.kind], name=voice.name(one.name), title=title)


def _own_post(one: Waiting, title: Said, voice: Voice) -> Said:
    """Answers to choose among, or none at all."""
    when = voice.day(one.until) if one.until else Said("")
    if one.kind is Wait.CLOSING:
        return voice.say(_("Nobody has answered %(title)s, and it closes on %(day)s."), title=title, day=when)
    many = (
        ngettext("One person can help with %(title)s.", "%(count)s people can help with %(title)s.")
        if one.need
        else ngettext("One person would love %(title)s.", "%(count)s people would love %(title)s.")
    )
    closed = one.until is not None and one.until <= voice.written_at
    return voice(
        voice.count(many, one.count, count=voice.spelled(one.count, first=True), title=title),
        voice.say(_("Answers have closed.")) if closed else voice.say(_("Answers close on %(day)s."), day=when),
    )


def act(one: Waiting, voice: Voice) -> Said:
    """What the link to it says."""
    return voice.say(ACTS[one.kind])


def kind(post: Candidate, voice: Voice) -> Said:
    """Need or Offer, as a word."""
    return voice.say(_("Need") if post.kind == "need" else _("Offer"))


def by(post: Candidate, voice: Voice) -> Said:
    """Whose it is, and how long it stays open."""
    who = voice.name(post.author, first=True)
    if post.firm:
        who = voice.say(_("%(name)s, %(firm)s"), name=who, firm=post.firm)
    return voice(
        voice.say(_("%(by)s. Closes on %(day)s."), by=who, day=voice.day(post.closes_at, short=True)),
        voice.say(_("It takes place on %(day)s."), day=voice.day(post.event_at)) if post.event_at else "",
        voice.say(_("Whoever answers first gets it.")) if post.first_come else "",
    )


def why(item: Item, voice: Voice) -> Said:
    """Why this reader sees it."""
    reason = item.reason
    if reason.helps or reason.loves:
        return voice.say(_fits(reason), phrase=voice.quoted(reason.helps or reason.loves))
    if reason.new_since is None:
        return voice.say(_("Nobody has answered yet.") if item.new else _("Still nobody has answered."))
    joined = (
        _("%(name)s joined on %(day)s, and nobody has answered yet.")
        if reason.unanswered
        else _("%(name)s joined on %(day)s.")
    )
    return voice.say(joined, name=voice.names([item.post.author]), day=voice.day(reason.new_since))


def _fits(reason: Reason) -> str:
    if reason.helps and reason.unanswered:
        return _("You said you can help with %(phrase)s, and nobody has answered yet.")
    if reason.helps:
        return _("You said you can help with %(phrase)s.")
    if reason.unanswered:
        return _("You said you would love %(phrase)s, and nobody has answered yet.")
    return _("You said you would love %(phrase)s.")


def came_of(one: CameOf, digest: Digest, voice: Voice) -> Said:
    """Who helped whom with what."""
    giver, title = voice.name(one.giver, first=True), voice.quoted(one.title)
    if one.giver_id in digest.members:
        thanked = _("%(receiver)s to you, for %(title)s.") if one.title else _("%(receiver)s to you.")
        return voice.say(thanked, receiver=voice.name(one.receiver, first=True), title=title)
    receiver = voice.name(one.receiver)
    if one.met is not None and one.title:
        return voice.say(
            _("%(giver)s met a need of %(receiver)s: %(title)s."), giver=giver, receiver=receiver, title=title
        )
    if one.title:
        return voice.say(_("%(giver)s helped %(receiver)s: %(title)s."), giver=giver, receiver=receiver, title=title)
    return voice.say(_("%(giver)s helped %(receiver)s."), giver=giver, receiver=receiver)
