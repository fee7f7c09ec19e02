"""What `exchange doctor` finds in settings, on the machine, and about who is in charge; one test for each."""

import socket
from collections import namedtuple
from dataclasses import replace
from datetime import timedelta

import pytest

from exchange.cli import doctor_settings
from exchange.cli.doctor_settings import house_said, settings_said, silence
from exchange.storage.letter import Letter
from exchange.storage.site_text import SiteText, TextKind
from tests.people import NOON

SERVER = "smtp://mail.example"


@pytest.fixture
def own(settings, tmp_path, monkeypatch):
    """Settings with which everything is fine."""
    monkeypatch.setattr(doctor_settings, "silence", lambda _host, _port: "")
    return replace(settings, instance=tmp_path)


@pytest.fixture
def served(own):
    """The same in production."""
    return replace(own, production=True, smtp_url=SERVER, base_url="https://exchange.example")


def wrong(settings):
    return [sentence for _about, fine, sentence in settings_said(settings) if not fine]


def wrong_in(session, settings, at=NOON):
    return [sentence for _about, fine, sentence in house_said(session, settings, at=at) if not fine]


def test_what_is_right_is_fine(own, served):
    assert wrong(own) == wrong(served) == []


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000", "https://localhost", "https://10.0.0.7", "https://box.local"]
)
def test_links_that_nobody_else_can_follow_are_found(served, address):
    assert any(
        "which only this machine or network reaches" in said for said in wrong(replace(served, base_url=address))
    )


def test_a_sender_that_nobody_can_answer_is_found(served):
    assert wrong(replace(served, sender="exchange@localhost")) == [
        "Letters would come from exchange@localhost: set EXCHANGE_MAIL_FROM."
    ]


def test_a_mail_server_that_cannot_be_read_is_found(own):
    assert wrong(replace(own, smtp_url="mail.example")) == [
        "EXCHANGE_SMTP_URL has to look like smtp://user:password@host:587."
    ]


def test_a_mail_server_that_does_not_answer_is_found(own, monkeypatch):
    monkeypatch.setattr(doctor_settings, "silence", lambda _host, _port: "Connection refused")

    assert wrong(replace(own, smtp_url=SERVER)) == [
        "The mail server mail.example:25 does not answer: Connection refused"
    ]


def test_whether_something_answers_is_really_tried():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert silence("127.0.0.1", port) == ""
    assert silence("127.0.0.1", port) != ""


def test_a_user_without_a_password_is_found(own):
    assert wrong(replace(own, smtp_url="smtp://ada@mail.example")) == [
        "EXCHANGE_SMTP_URL names a user without a password."
    ]


def test_a_queue_that_cannot_be_read_or_reached_is_found(own):
    assert "EXCHANGE_QUEUE_URL has to look like" in wrong(replace(own, queue_url="kafka://x"))[0]
    nowhere = replace(own, queue_url=f"sqlite:///{own.instance}/not/there/queue.sqlite")
    assert "The queue does not answer, so work waits for up to a minute" in wrong(nowhere)[0]


def test_a_full_disk_is_found(own, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage(0, 0, 20_000_000))

    assert wrong(own) == [f"Only 20 MB are free where {own.instance} lies."]


def test_a_key_that_was_never_changed_is_found(own):
    assert "it was never changed" in wrong(replace(own, secrets_before=(own.secret_key,)))[0]


def test_a_token_for_metrics_that_can_be_guessed_is_found(own):
    assert "EXCHANGE_METRICS_TOKEN is shorter than 20" in wrong(replace(own, metrics_token="secret"))[0]


def test_a_box_that_nothing_comes_back_to_is_found(own):
    assert "nothing comes back there" in wrong(replace(own, bounces_box="/var/mail/bounces"))[0]


def test_a_clock_that_went_back_is_found(own, session):
    session.add(Letter(kind="reset", email="a@b.example", once="x", facts={}, due_at=NOON, created_at=NOON))
    session.commit()

    assert wrong_in(session, own) == []
    assert "which is yet to come" in wrong_in(session, own, at=NOON - timedelta(minutes=11))[0]


def test_second_factors_of_a_key_that_is_gone_are_found(app, own, session, ada, monkeypatch):
    ada.person.tf_totp_secret = app.extensions["security"].totp_factory.generate_totp_secret()
    session.commit()
    assert wrong_in(session, own) == []
    monkeypatch.setitem(app.config, "SECURITY_TOTP_SECRETS", {"another": "key"})

    assert wrong_in(session, own)[0].startswith("Second factors that cannot be read: 1.")


def test_in_production_somebody_is_in_charge_and_says_so(served, own, session, group, olga):
    group.invented = True
    session.commit()
    assert wrong_in(session, own) == []
    assert wrong_in(session, served) == [
        "Nobody administers the site. Run: exchange admin grant EMAIL",
        "Nobody has written who runs this site. Open https://exchange.example/admin/texts/imprint",
        "bar: this is the example with invented people, and no group of yours.",
    ]
    olga.person.is_administrator, group.invented = True, False
    session.add(SiteText(kind=TextKind.IMPRINT, text="Harbor Software", changed_at=NOON))
    session.commit()

    assert wrong_in(session, served) == []
