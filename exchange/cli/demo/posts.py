"""Twelve of the thirty posts that stand open on the demo board, with the answers they have so far."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class When:
    """A local time in the zone of the group, `days` from today, or on the first `weekday` from then."""

    days: int = 0
    weekday: int | None = None  # 0 is Monday
    hour: int = 18
    minute: int = 0


@dataclass(frozen=True)
class OpenPost:
    author: str
    kind: Literal["need", "offer"]
    category: str
    title: str
    text: str
    slots: int
    rule: Literal["choice", "first_come"]
    closes: When
    event: When | None = None
    answers: tuple[tuple[str, str], ...] = ()


# A post with an event closes a fixed number of days from today, and its event takes its weekday from a later
# day on: so it lies after the closing time, whatever day of the week the demo is made on.
POSTS: tuple[OpenPost, ...] = (
    OpenPost(
        author="ada",
        kind="offer",
        category="event_place",
        title="Two places in Saturday’s golf tournament",
        text="""\
Fernhill, tee time 9:10, lunch afterwards, clubs can be borrowed. Good company counts for more than \
a good swing.

Two of our four have been called to a closing that was going to be done last week. I choose when \
answers close, so that everybody has time to find their shoes.
""",
        slots=2,
        rule="choice",
        closes=When(days=1, hour=18),
        event=When(days=2, weekday=5, hour=9, minute=10),
        answers=(
            (
                "wen",
                (
                    "I know nobody here outside of contracts yet and would love to change that. "
                    "I play badly and cheerfully."
                ),
            ),
            (
                "marcus",
                "My Saturday four fell through. I could bring the trolley and drive two of us.",
            ),
            (
                "maximiliane",
                "My first tournament since the knee. I promise to let faster groups through.",
            ),
            ("nour", "أحب الغولف، ويسعدني أن أتعرّف إلى زملاء من مكاتب أخرى."),
        ),
    ),
    OpenPost(
        author="theo",
        kind="offer",
        category="event_place",
        title="Two seats at the arbitration breakfast, Friday at 7:45",
        text="""\
Courthouse Square, the room above the bakery. Three sitting arbitrators, one question each: what did \
counsel do last month that you wish they had not done?

The seats are paid for. First answers have them. It ends at nine sharp, because two of the three \
have hearings.
""",
        slots=2,
        rule="first_come",
        closes=When(days=3, hour=12),
        event=When(days=4, weekday=4, hour=7, minute=45),
        answers=(
            (
                "piotr",
                "Gladly. I have a delay claim going to arbitration and have met my arbitrator only on paper.",
            ),
        ),
    ),
    OpenPost(
        author="ben",
        kind="need",
        category="introduction",
        title="Somebody at Harborline Freight who decides on cargo insurance",
        text="""\
I have written to the general address three times and now know its autoreply by heart. I would love \
to speak with whoever decides on marine insurance there: risk manager, treasurer, anyone with a \
name.

It is about the wording of their carrier terms. I act for nobody against them, and I have run \
conflicts. Ten minutes by telephone would do.
""",
        slots=1,
        rule="choice",
        closes=When(days=3, weekday=5, hour=18),
    ),
    OpenPost(
        author="ann",
        kind="need",
        category="review",
        title="Half an hour on a bill of lading before the ship sails",
        text="""\
Two pages, names taken out. I have read it so often that I no longer see it. Somebody who argues \
about these for a living would find in ten minutes what I will find in a month, too late. I would \
like to know

- whether “shipped on board” and the date can both be true,
- whether the clause on the back still leads to the right charterparty,
- what a cargo claim would make of “weight unknown” on a document that states the weight.

By telephone, at any hour before the pilot comes aboard.
""",
        slots=1,
        rule="choice",
        closes=When(days=4, hour=18),
    ),
    OpenPost(
        author="wen",
        kind="need",
        category="mentoring",
        title="Coffee with someone who has moved in house and back again",
        text="""\
I joined three weeks ago and have been asked twice already whether I would go in house. I do not \
know what to say, mostly because I do not know what the day looks like at four in the afternoon.

I am buying the coffee. The questions are written down, and none of them is about money until the \
second cup.
""",
        slots=2,
        rule="choice",
        closes=When(days=14, hour=18),
        answers=(
            (
                "wilma",
                (
                    "I only did the first half: I went in house and stayed. "
                    "If that helps, come and see four in the afternoon for yourself."
                ),
            ),
        ),
    ),
    OpenPost(
        author="nour",
        kind="need",
        category="advice",
        title="نصيحة قصيرة حول تأسيس شركة توزيع في الخليج",
        text="""\
أبحث عن زميل أو زميلة رافق تأسيس شركة توزيع في الخليج خلال السنوات الأخيرة. أعرف النصوص جيدًا، وما \
ينقصني هو ما يحدث بعدها: كم يستغرق الترخيص فعلًا، ومن يردّ على الهاتف.

نصف ساعة بالهاتف تكفيني، في أي وقت يناسبكم.

In short: half an hour with somebody who has set up a distribution company in the Gulf and remembers \
what customs and the commercial agent had to say about it. English is just as welcome.
""",
        slots=1,
        rule="choice",
        closes=When(days=5, hour=20),
        answers=(
            (
                "jonas",
                (
                    "I have not founded one, but I took two through customs there. "
                    "I can tell you who answers the phone, and on which days."
                ),
            ),
            (
                "omar",
                "رافقتُ واحدة العام الماضي من جهة التراخيص. يسعدني أن أحكي لك ما لم يكن في الكتيّب.",
            ),
        ),
    ),
    OpenPost(
        author="imogen",
        kind="need",
        category="mentoring",
        title="Two people to interrupt me before my first oral argument",
        text="""\
After six years of closings I have a motion of my own, and fifteen minutes to argue it. I have \
practiced in front of a mirror, which never asks about standing.

I am looking for two mock judges for an hour on Wednesday evening. The briefs are twelve pages each \
and public. Please do not be kind before the end.
""",
        slots=2,
        rule="choice",
        closes=When(days=2, hour=18),
        event=When(days=3, weekday=2, hour=18, minute=30),
        answers=(
            (
                "samuel",
                (
                    "I was once interrupted before I had said my name, which takes a while. "
                    "I know how it is done, and that one survives."
                ),
            ),
            (
                "yusuf",
                "I can be the judge who has not read the briefs. I will read them all the same.",
            ),
            (
                "harriet",
                "I have two brothers and can interrupt anybody. Wednesday suits me if we start on time.",
            ),
        ),
    ),
    OpenPost(
        author="fatou",
        kind="need",
        category="other",
        title="Three volunteers for the Saturday clinic on shop leases",
        text="""\
Eleven shopkeepers have signed up, and each of them brings a lease that nobody has read since it was \
signed. Half an hour per person, ten until noon, in the library in Eastmere. One-time advice only; \
conflicts are checked at the door, and the clinic’s policy covers you.

You need not know leases well. You need to be able to say “this part you can change, this part you \
cannot” without Latin. There is soup.
""",
        slots=3,
        rule="first_come",
        closes=When(days=3, hour=18),
        event=When(days=4, weekday=5, hour=10),
        answers=(
            (
                "callum",
                "I will come and can bring the portable printer. It jams, but it listens to me.",
            ),
            (
                "rosalind",
                "I have read four hundred leases for lenders and never met a tenant. I would like to.",
            ),
        ),
    ),
    OpenPost(
        author="priya",
        kind="offer",
        category="advice",
        title="An hour on the tax side of a partnership split",
        text="""\
Partners who part in peace still manage to surprise each other with a capital account. Bring the \
agreement, the last return and the sentence that begins with “we always understood that”.

I draw the boxes and say where partnership tax will hurt. No names, no engagement, no memo. Not in \
the week before the 15th, when I am not fit for company.
""",
        slots=2,
        rule="choice",
        closes=When(days=6, hour=18),
        answers=(
            (
                "harriet",
                (
                    "Two siblings, one orchard, and a 1994 agreement that both have annotated. "
                    "I would love an hour before they read it to each other."
                ),
            ),
        ),
    ),
    OpenPost(
        author="jonas",
        kind="offer",
        category="other",
        title="Our meeting room for twelve, Tuesday evenings until the end of the season",
        text="""\
Mill Quay, fourth floor, a view of the cranes. It stands empty every Tuesday from six to nine, and \
the coffee machine has been taught to forgive. Good for a reading group, a mediation that needs a \
second room, or a partners’ evening that should not happen at home.

The lights go out by themselves at 9:15. Wave at the sensor beside the door.
""",
        slots=1,
        rule="choice",
        closes=When(days=12, hour=18),
    ),
    OpenPost(
        author="maximiliane",
        kind="offer",
        category="review",
        title="First look at Nordic distribution agreements, including the "
        "Vertriebsbindungsvereinbarungsklauseln nobody enjoys",
        text="""\
If a client of yours is about to sign with a dealer or a commercial agent in Denmark, Sweden, Norway \
or Germany, send me the draft with the names taken out. You get one page back: what the law there \
will add without asking, what it will strike, and what it costs to say goodbye.

Within two working days. The long word is one clause, and I will tell you whether you need it.
""",
        slots=3,
        rule="choice",
        closes=When(days=8, hour=18),
    ),
    OpenPost(
        author="bernard",
        kind="offer",
        category="mentoring",
        title="Lunch after a lost motion",
        text="""\
For anybody in their first ten years who has just lost a hearing, a motion, or the page with the \
signature on it. I have lost more of all three than anyone in this section, and I remember each.

Soup at the Old Ferry, and we do not talk about the case before the second half of it. Then I ask \
one question, and it is never “why did you not object”.
""",
        slots=2,
        rule="choice",
        closes=When(days=10, hour=18),
        answers=(
            (
                "celeste",
                (
                    "My first contested motion took eleven minutes, nine of them the other side. "
                    "I would like the soup and the question."
                ),
            ),
        ),
    ),
)
