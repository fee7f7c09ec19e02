"""The kinds of letters: which can be switched off, and which may share one e-mail."""

from typing import Any

from flask_babel import lazy_gettext as _

# In the order of a favor's life, each with the sentence of the page where letters are chosen.
KINDS: dict[str, Any] = {
    "answer": _("Somebody answers what I posted"),
    "closing_soon": _("What I posted closes soon, and nobody has answered"),
    "standby": _("All places are given, and I stand by"),
    "offered": _("A place is free for me"),
    "offer_over": _("A place that was held for me goes to the next"),
    "declined": _("What I answered goes to somebody else, or is closed"),
    "agreed": _("Something is agreed with me"),
    "dropped_out": _("Somebody I counted on cannot make it"),
    "cancelled": _("Somebody calls off what was agreed with me"),
    "no_longer": _("What was agreed with me will not take place"),
    "did_it_happen": _("It is time to say whether a favor happened"),
    "please_confirm": _("Somebody says that I was helped"),
    "helped_by": _("Somebody says that I helped"),
    "confirmed": _("A favor of mine is in the log"),
    "lapsed": _("A favor was not confirmed in time"),
    "not_me": _("Somebody I named did not help me"),
    "disputed": _("Somebody says that a favor did not happen like this"),
    "dispute_opened": _("A dispute waits for me as an organiser"),
    "settled": _("A dispute of mine is over"),
    "correction_proposed": _("Somebody proposes a correction of an entry of mine"),
    "corrected": _("An entry of mine is corrected"),
    "redacted": _("The text of an entry of mine is taken out"),
    "tie_declared": _("Somebody declares a tie with me"),
    "released": _("A post of mine that was held is on the board"),
    "decided": _("The organisers decide about me or what I wrote"),
    "question": _("The organisers ask about something that I reported"),
    "invitee_moderated": _("The organisers decide about somebody I invited"),
    "suspension_over": _("A suspension of mine is over"),
    "at_desk": _("Something waits at the desk for me as an organiser"),
    "handed_over": _("A case waits for me as the administrator"),
    "organises": _("I become an organiser"),
    "election": _("My group looks for another organiser"),
    "admitted": _("I am let into a group"),
    "turned_down": _("I am not let into a group"),
    "come_in": _("I ask to join a group"),
    "invitation": _("Somebody invites me to a group"),
    "deletion_proposed": _("An organiser wants my group deleted"),
    "deletion_called_off": _("The deletion of my group is called off"),
    "group_deleted": _("My group was deleted"),
    "reset": _("I ask for a new password"),
    "password_reset": _("My password was set anew"),
    "password_changed": _("My password was changed"),
    "new_address": _("I want another address for my account"),
    "address_changed": _("My account has another address"),
    "second_factor": _("My second factor is switched on or off"),
    "confirm_email": _("I am asked whether an address is mine"),
}
# Nobody can switch them off, and they go to whoever is no member, too.
MUST = frozenset(
    {
        "come_in",
        "invitation",
        "reset",
        "password_reset",
        "password_changed",
        "confirm_email",
        "second_factor",
        "new_address",
        "address_changed",
        "decided",
        "election",
        "handed_over",
        "suspension_over",
        "turned_down",
        "deletion_proposed",
        "deletion_called_off",
        "group_deleted",
    }
)
# What happens to one member within ten minutes comes as one e-mail. `exchange.domain.letters` holds the same set.
SMALL = frozenset(
    {
        "answer",
        "declined",
        "standby",
        "offer_over",
        "dropped_out",
        "confirmed",
        "cancelled",
        "lapsed",
        "not_me",
        "corrected",
        "tie_declared",
        "no_longer",
        "settled",
    }
)
SEVERAL = "several"
