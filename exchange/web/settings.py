"""What the group has settled: members read it, organisers change it, and the log tells of every change."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exchange.domain import groups, invitations, members
from exchange.domain.desk import election, settings
from exchange.domain.desk import rules as group_rules
from exchange.web.forms import attempt, status
from exchange.web.forms.settings import RuleForm, SettingsForm
from exchange.web.guards import me, now

bp = Blueprint("settings", __name__, url_prefix="/g/<slug>/settings")


@bp.get("")
def show() -> ResponseReturnValue:
    """Rules and settings, as every member may read them."""
    return render_template(
        "settings/show.html",
        settled=settings.settled(seen_by=me()),
        rules=group_rules.rules(seen_by=me()),
        categories=groups.categories(me(), enabled=False),
        organisers=members.organisers(seen_by=me()),
        elects=election.possible(seen_by=me(), at=now()),
    )


@bp.route("/change", methods=["GET", "POST"])
def change() -> ResponseReturnValue:
    """An organiser changes the settings."""
    invitations.organising(me())
    form = SettingsForm(obj=settings.settled(seen_by=me()))
    if attempt(form, lambda: settings.change(form.said(), by=me(), at=now())):
        flash(_("Kept. What is otherwise now stands in the log."))
        return redirect(url_for("settings.show"))
    return render_template("settings/change.html", form=form), status()


@bp.route("/rules", methods=["GET", "POST"])
def rules() -> ResponseReturnValue:
    """The rules for organisers, who add one or take one out here."""
    invitations.organising(me())
    form = RuleForm()
    if attempt(form, lambda: settings.add_rule(form.text.data or "", by=me(), at=now())):
        flash(_("The rule holds from now on, and the log says so."))
        return redirect(url_for("settings.rules"))
    return render_template("settings/rules.html", form=form, rules=group_rules.rules(seen_by=me())), status()


@bp.route("/rules/<int:rule_id>", methods=["GET", "POST"])
def rule(rule_id: int) -> ResponseReturnValue:
    """Word a rule anew, or take it out."""
    form = RuleForm(obj=settings.rule(rule_id, seen_by=me()))
    if attempt(form, lambda: settings.change_rule(rule_id, by=me(), text=form.text.data or "", at=now())):
        flash(_("Kept. The log holds the old words and the new ones."))
        return redirect(url_for("settings.rules"))
    others = len(group_rules.rules(seen_by=me())) > 1
    return render_template("settings/rule.html", form=form, rule_id=rule_id, others=others), status()


@bp.post("/rules/<int:rule_id>/retire")
def retire(rule_id: int) -> ResponseReturnValue:
    """Take a rule out."""
    settings.retire_rule(rule_id, by=me(), at=now())
    flash(_("The rule is out, and the log says so. What was decided under it stays as it is."))
    return redirect(url_for("settings.rules"))
