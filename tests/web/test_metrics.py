"""What monitoring reads: figures of all groups, for the operator's token only."""

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families


@pytest.fixture
def token(app, monkeypatch):
    """The operator has set one."""
    told = replace(app.extensions["settings"], metrics_token="let-me-look")
    monkeypatch.setitem(app.extensions, "settings", told)
    return told.metrics_token


def scraped(reader, token):
    return reader.send("GET", "/metrics", headers={"Authorization": f"Bearer {token}"})


def test_it_tells_figures_that_prometheus_can_read(reader, token, ada, ben, olga):
    answer = scraped(reader, token)
    figures = {
        family.name: sample.value for family in text_string_to_metric_families(answer.text) for sample in family.samples
    }

    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert (figures["exchange_groups"], figures["exchange_members"]) == (1, 3)
    assert figures["exchange_letters_failed"] == 0


def test_it_tells_nobodys_name(reader, token, ada, group):
    text = scraped(reader, token).text
    assert "Ada" not in text
    assert group.name not in text
    assert group.slug not in text


@pytest.mark.parametrize("given", ["", "let-me-loo", "something else"])
def test_for_others_there_is_no_such_page(reader, token, given):
    assert scraped(reader, given).status_code == 404


def test_without_a_token_there_is_no_such_page_for_anybody(reader, group):
    assert scraped(reader, "").status_code == 404
