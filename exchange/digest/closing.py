"""The sentences of a letter's second half: the year, the group's week, the log, and why one gets it."""

from datetime import timedelta

from exchange.digest.facts import Carried, Digest, Group, News, Note, Reader
from exchange.digest.voice import Said, Voice, _, ngettext, weekdays
from exchange.log.checkpoint import short_code

DAY, WEEK = timedelta(days=1), timedelta(days=7)
SIGN = 3
NEWCOMERS = 3


def year(digest: Digest, voice: Voice) -> list[Said]:
    """What the reader gave and received since the window began, and in twelve months; nothing where it is nothing, and
    a year that is no more than the window not again.
    """
    since = (
        _("Since %(day)s you gave %(gave)s and received %(received)s, with %(people)s."),
        _("Since %(day)s you gave %(gave)s, to %(people)s."),
        _("Since %(day)s you received %(received)s, from %(people)s."),
    )
    in_all = (
        _("In the last twelve months you gave %(gave)s and received %(received)s, with %(people)s."),
        _("In the last twelve months you gave %(gave)s, to %(people)s."),
        _("In the last twelve months you received %(received)s, from %(people)s."),
    )
    spans = [(since, digest.week)] if digest.week == digest.year else [(since, digest.week), (in_all, digest.year)]
    return [
        voice.say(
            both if counts.gave and counts.received else gave if counts.gave else received,
            day=voice.day(digest.reader.window_from),
            gave=voice.number(counts.gave),
            received=voice.number(counts.received),
            people=_people(counts.people, voice),
        )
        for (both, gave, received), counts in spans
        if counts.people
    ]


def _people(count: int, voice: Voice) -> Said:
    sentences = ngettext("one person", "%(count)s different people")
    return voice.count(sentences, count, count=voice.number(count))


def week(news: News, voice: Voice) -> Said:
    """What came to pass in a group, in counts that everybody there may read, and who joined."""
    favors = ngettext(
        "One favor was confirmed, between %(people)s people.",
        "%(count)s favors were confirmed, between %(people)s people.",
    )
    met = ngettext("One need was met.", "%(count)s needs were met.")
    count, people = voice.number(news.favors), voice.number(news.people)
    return voice(
        voice.count(favors, news.favors, count=count, people=people) if news.favors else "",
        voice.count(met, news.needs_met, count=voice.number(news.needs_met)) if news.needs_met else "",
        _joined(news, voice) if news.joined else "",
    )


def _joined(news: News, voice: Voice) -> Said:
    """The newcomers by their whole names, if they are few: nobody knows them by the first one yet."""
    names = [voice.name(one.name) for one in news.newcomers]
    if news.joined > NEWCOMERS or len(names) < news.joined:
        return voice.say(_("%(count)s people joined."), count=voice.number(news.joined))
    *some, last = names
    who = voice.say(_("%(first)s and %(second)s"), first=Said(", ".join(some)), second=last) if some else last
    return voice.say(_("%(names)s joined."), names=who)


def log(one: Carried, voice: Voice, *, named: bool) -> Said:
    """What of a group's log is attached. `named`: the letter is about several groups."""
    entries = ngettext("holds one entry", "holds %(count)s entries")
    holds = voice.count(entries, one.size, count=voice.number(one.size))
    whose = (
        voice.say(_("The log of %(group)s %(holds)s."), group=one.group.name, holds=holds)
        if named
        else voice.say(_("The log %(holds)s."), holds=holds)
    )
    unchanged = bool(one.before) and one.size_before == one.size
    attached = (
        _("The signed checkpoint is attached, with the one of your last letter.")
        if one.before and not unchanged
        else _("The signed checkpoint is attached.")
    )
    return voice(
        whose,
        voice.say(_("Nothing was added since your last letter.")) if unchanged else "",
        voice.say(attached),
        voice.say(_("Its code is %(code)s."), code=voice.code(short_code(one.note))),
    )


def because(digest: Digest, voice: Voice) -> Said:
    """Why the reader gets it, and when."""
    reader = digest.reader
    groups = voice.groups([group.name for group in digest.groups])
    hour = Said(f"{reader.hour}:00")
    if reader.rhythm == "daily":
        sentence = _("You get this letter every day at %(hour)s, because you are a member of %(groups)s.")
        return voice.say(sentence, hour=hour, groups=groups)
    day = Said(weekdays(voice.locale)[reader.weekday])
    sentence = _("You get this letter every %(day)s at %(hour)s, because you are a member of %(groups)s.")
    return voice.say(sentence, day=day, hour=hour, groups=groups)


def farewell(digest: Digest, voice: Voice) -> list[Said]:
    """The last words; the organisers sign with their first names where the letter is about one group only."""
    daily = digest.reader.rhythm == "daily"
    [first, *others] = digest.groups
    if others or not first.organisers:
        return [voice.say(_("Have a good day.") if daily else _("Have a good week."))]
    return [voice.say(_("Have a good day,") if daily else _("Have a good week,")), voice.names(first.organisers[:SIGN])]


def each(count: int, voice: Voice) -> Said:
    """What a mark of the picture stands for."""
    return voice.say(_("Each mark of the picture stands for up to %(count)s."), count=voice.number(count))


def year_of(digest: Digest, voice: Voice) -> Said:
    """What stands above the reader's own counts."""
    both = _a_week(digest.reader) and digest.week.people
    return voice.say(_("Your week and year") if both else _("Your year"))


def week_of(news: News, reader: Reader, voice: Voice, *, named: bool) -> Said:
    """What stands above a group's week, or above what came to pass there in another span."""
    if not _a_week(reader):
        since = _("In %(group)s since %(day)s") if named else _("In the group since %(day)s")
        return voice.say(since, group=news.group.name, day=voice.day(reader.window_from))
    return voice.say(_("The week of %(group)s"), group=news.group.name) if named else voice.say(_("The group’s week"))


def _a_week(reader: Reader) -> bool:
    """Whether the window is a week, give or take a day: a letter after a pause tells more, and a daily one less."""
    return abs(reader.window_until - reader.window_from - WEEK) <= DAY


def note_by(note: Note, voice: Voice, *, named: bool) -> Said:
    """Who says something to everybody."""
    if named:
        return voice.say(_("%(name)s to everybody in %(group)s"), name=voice.name(note.by), group=note.group.name)
    return voice.say(_("%(name)s to everybody"), name=voice.name(note.by, first=True))


def silent(group: Group, voice: Voice, *, named: bool) -> Said:
    """The way to one's own page."""
    return voice.say(_("Write it down for %(group)s"), group=group.name) if named else voice.say(_("Write it down"))
