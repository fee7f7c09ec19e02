"""What else the letters say, by their facts: the kind, the facts that differ, and a sentence that must be there."""

from typing import Any

from tests.mail.facts import SATURDAY
from tests.mail.samples import bar

TWO_WAYS = {"unasked": True, "by_itself": None}
BY_ITSELF = {"by_itself": True, "thanks": ""}

VARIANTS: list[tuple[str, dict[str, Any], str]] = [
    ("agreed", {"posted": True, "gives": True}, "It goes to Ada Farouk."),
    ("agreed", {"posted": True, "gives": False}, "Ada Farouk helps you with it."),
    ("agreed", {"posted": False, "gives": True}, "Your answer was taken: you help Ada Farouk."),
    ("agreed", {"posted": False, "gives": False}, "Your answer was taken: this goes from Ada Farouk to you."),
    ("agreed", {"contact": "", "event_at": None}, "Ada Farouk has not chosen yet how to be reached."),
    ("answer", {"need": False, "text": "", "group": bar(invented=True)}, "Ada Farouk would love it"),
    ("cancelled", {"why": ""}, "Ada Farouk called it off"),
    ("cancelled", {"why": "", "denied": True}, "Ada Farouk says it did not happen"),
    ("closing_soon", {"need": False}, "You can give it another week."),
    ("closing_soon", {"acts": []}, "It cannot wait longer, because it takes place then."),
    ("confirmed", {"thanks": "", "counts": False}, "logged and counted for nobody"),
    ("confirmed", {"withheld": True}, "Your two names stay out of what others can read. The favor counts in what only"),
    ("confirmed", {"withheld": True, "counts": False}, "can read. A favor of this kind is logged"),
    ("confirmed", BY_ITSELF, "Ada Farouk said nothing for 14 days"),
    ("confirmed", BY_ITSELF | {"gave": False, "giver": "Ada Farouk"}, "The help of Ada Farouk is in the log"),
    ("confirmed", BY_ITSELF | {"gave": False, "giver": "Ada Farouk"}, "given by Ada Farouk and received by you"),
    ("declined", {"because": "withdrawn"}, "Ada Farouk has withdrawn it"),
    ("declined", {"because": "time"}, "Its time is over"),
    ("declined", {"need": True}, "Ada Farouk has found help"),
    ("declined", {}, "This time it went to somebody else"),
    ("did_it_happen", {"gives": True, "acts": [["deliver", 812]]}, "Did you help Ada Farouk?"),
    ("did_it_happen", {"again": True}, "You were asked a week ago and are not asked again."),
    ("disputed", {"why": ""}, "An organiser who is close to neither of you decides."),
    ("dropped_out", {"next": False, "why": ""}, "If there is time left, the post is open again."),
    ("lapsed", {"gives": True}, "If it did happen, Ada Farouk can still write it down."),
    ("offered", {"need": True, "event_at": None}, "Ada Farouk would take your help now"),
    ("please_confirm", TWO_WAYS, "Nothing happens unless you say so; after 30 days it lapses."),
    ("please_confirm", {"by_itself": None}, "Ada Farouk says that it happened."),
    ("please_confirm", {"by_itself": SATURDAY.isoformat()}, "confirmed by itself on Saturday, 17 October, and"),
    ("redacted", {"of": "correction"}, "The reason that stood there can be read nowhere any more."),
    ("redacted", {"of": "decision", "path": "/g/bar/log"}, "Open the log"),
    ("corrected", {"title": ""}, "Favor (the text is gone)"),
    ("settled", {"happened": False}, "Settled: it did not happen"),
    ("settled", {"happened": False, "not_settled": True, "why": ""}, "No organiser decided within 30 days."),
    ("standby", {"place": 3}, "You are number 3 of those who stand by."),
    ("standby", {"need": True}, "Ada Farouk has all the help that was asked for."),
]
