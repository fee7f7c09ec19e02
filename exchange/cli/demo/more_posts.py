"""Eighteen more posts that stand open on the demo board, all of them longer than a week."""

from typing import Literal

from exchange.cli.demo.posts import OpenPost, When


def _post(
    author: str,
    kind: Literal["need", "offer"],
    category: str,
    title: str,
    text: str,
    days: int,
    *answers: tuple[str, str],
    slots: int = 1,
    event: When | None = None,
) -> OpenPost:
    """A post whose author chooses, or whose places go as they are asked for where it is an event."""
    rule: Literal["choice", "first_come"] = "first_come" if event else "choice"
    return OpenPost(author, kind, category, title, text, slots, rule, When(days=days), event, answers)


MORE_POSTS = (
    _post(
        "ines",
        "offer",
        "review",
        "Your employee handbook, read by somebody who defends them",
        "Forty pages or fewer, client’s name taken out. You get a page of what will be read aloud to you "
        "at a hearing: wage and hour, leaves, the arbitration clause, and the paragraph that was copied "
        "from another state.\n\nTwo handbooks this month, and no rewriting.",
        16,
        ("alden", "My first client has nine employees and a handbook from 1998. It mentions pagers."),
        slots=2,
    ),
    _post(
        "gideon",
        "offer",
        "advice",
        "Half an hour before you answer the sales tax auditor",
        "Bring the letter and nothing else. I spent eleven years on the other side of that letter, and "
        "most of them are kinder than they look. We find out what is really being asked, what can wait, "
        "and which sentence not to write.",
        19,
        ("callista", "Three states, one subscription product, and a letter that says “nexus” twice."),
        slots=3,
    ),
    _post(
        "samuel",
        "offer",
        "mentoring",
        "Moot bench for anybody with an oral argument this winter",
        "Three of us sit on Thursdays after five, in the old library on Courthouse Square. You argue for "
        "fifteen minutes, we interrupt for thirteen of them, and afterwards everybody says one thing that"
        " worked. Appeals and motions alike. Briefs by Tuesday, please.",
        21,
        (
            "dmitri",
            "My first appeal in this state. I have argued in two languages, and in neither was I allowed to finish.",
        ),
        ("rupert", "A motion on an accounting. I can also sit for somebody else in return for nothing."),
        slots=4,
    ),
    _post(
        "farrah",
        "need",
        "advice",
        "Export controls for a robot that only picks tomatoes",
        "A grower abroad wants six of our machines. The arm is harmless; the camera may not be. I have "
        "the classification of every part and would love half an hour with somebody who has done customs "
        "and trade for dual-use goods and can tell me which question I have not asked.",
        14,
        ("jonas", "The camera is the question, and the lens is the answer. Call me."),
    ),
    _post(
        "soo",
        "need",
        "introduction",
        "A construction expert who can explain concrete to a planning board",
        "Not a report, one evening: a person who has poured a parking deck beside a river and can say in "
        "plain words why it does not leak. We pay the usual fee; it is the introduction that I ask for. "
        "Arbitrators who have worn a hard hat are just as welcome.",
        15,
    ),
    _post(
        "leopold",
        "offer",
        "advice",
        "Is it an invention? A talk before anybody files",
        "Founders and their counsel, forty minutes, a blackboard. Most of what I am shown is a good "
        "product and no patent, which is worth knowing before the money is spent. Software is fine. No "
        "engagement, no names, conflicts run beforehand.",
        18,
        ("kofi", "Two founders and one idea that each says is theirs. The blackboard may help."),
        slots=2,
    ),
    _post(
        "marisol",
        "need",
        "review",
        "A wire fraud page for our closing packet, in English y en español",
        "One page that buyers read before they send money. I have written it three times, and each time "
        "it became a page that lawyers read. Somebody with plain English and legal Spanish could save a "
        "family its deposit.",
        13,
        ("tomas", "Con mucho gusto. Send me the shortest of the three."),
    ),
    _post(
        "beryl",
        "offer",
        "event_place",
        "A boat with three seats, first Saturday of the month",
        "Out of Harbor Street at six in the morning, back by noon. I bring the rods and the soup. Nobody "
        "talks about bargaining before the first fish; afterwards it cannot be helped. Fishing is not "
        "required.",
        8,
        ("august", "I will bring bread, and no opinions before ten."),
        slots=3,
        event=When(days=9, weekday=5, hour=6),
    ),
    _post(
        "jacinta",
        "offer",
        "event_place",
        "Four theater tickets, the second night of “The Notary”",
        "Row G, Saturday after next. I cleared the music and was paid in seats. It is a comedy about a "
        "signature; two of you will recognize the notary.",
        10,
        ("josephine", "I swear people in for a living and would love to see it done badly."),
        ("yvaine", "Two choirs canceled that week. I am free and delighted."),
        slots=4,
        event=When(days=11, weekday=5, hour=19, minute=30),
    ),
    _post(
        "winifred",
        "offer",
        "mentoring",
        "Your first creditors’ meeting: sit beside me",
        "I have one a week until the end of the season. You sit on our side of the table, listen, and we "
        "walk back together and talk about why nobody said the important thing aloud. For associates in "
        "bankruptcy, and for anybody whose client has stopped paying.",
        20,
        ("celeste", "Please. I have read the rules and have never seen the room."),
        slots=2,
    ),
    _post(
        "margit",
        "need",
        "advice",
        "Who has told patients about a data breach, and would do it again?",
        "Small, contained, and still four hundred letters. I know the statute. I am looking for half an "
        "hour with somebody who has lived through a data breach with real people at the other end: the "
        "wording, the telephone line, the second week.",
        12,
        ("anjali", "Twice. The second week is the one to plan for."),
        ("renata", "From the insurer’s side I can tell you which letters led to claims and which to thanks."),
    ),
    _post(
        "eleanor",
        "offer",
        "review",
        "Your zoning application, before the neighbors read it",
        "I will play the neighbor from number twelve: shadow, parking, wetlands, the oak. Twenty pages at"
        " most, and you get his questions in writing with the page on which each is answered, or is not.",
        17,
        slots=2,
    ),
    _post(
        "absalom",
        "need",
        "review",
        "A second reader for a twelve-year supply contract",
        "Water, pipes, an index that both sides hate. I have drafted the price review so often that it "
        "looks reasonable to me. An hour with somebody who lives with supply agreements, force majeure "
        "and liquidated damages would be a kindness.",
        14,
        ("amina", "I live with four of those. The index is always the problem."),
    ),
    _post(
        "karim",
        "offer",
        "introduction",
        "Introductions to two employment mediators who read the papers",
        "One is patient and one is quick; both have settled matters that I had given up. Tell me in two "
        "lines what kind of dismissal it is, and I will write to the one who fits. They like the work.",
        22,
        slots=4,
    ),
    _post(
        "delphine",
        "need",
        "introduction",
        "A general counsel who has sold a software company and stayed",
        "For a founder who is about to sign the first and would like to know how the second feels. Half "
        "an hour, coffee or telephone, nothing about the deal itself. French is a plus and not a "
        "condition.",
        16,
    ),
    _post(
        "hyacinth",
        "offer",
        "other",
        "A reading group for contracts: one clause, one evening",
        "First Monday, six o’clock, Fernhill. Each of us brings the same clause as drafted by five firms,"
        " and we read them aloud. Definitions are next. Beginners read first, so that nobody is "
        "intimidated by the rest of us.",
        23,
        ("ruth", "I have a definition of “Affiliate” that has been married twice. I will bring it."),
        slots=8,
    ),
    _post(
        "obadiah",
        "offer",
        "advice",
        "Finding assets: what the sheriff would tell you for free",
        "If you hold a judgment and a shrug, spend twenty minutes with me. Garnishments, judgment liens, "
        "bank levies, and which of them is a waste of a filing fee in this county. In the mornings, in my"
        " office or by telephone.",
        15,
        slots=3,
    ),
    _post(
        "tarquin",
        "need",
        "other",
        "Two more pairs of hands for the charity merger kitchen table",
        "Two food pantries become one. The papers are done; what is missing is an evening of explaining "
        "them to both boards at the same table. I need somebody who knows grants with strings, and "
        "somebody who is good with cake and charters.",
        12,
        ("callum", "Grants with strings I can do. I have merged two choirs, which is worse."),
        slots=2,
    ),
)
