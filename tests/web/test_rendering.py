"""What templates call with fewer steps says what the libraries would say."""

from typing import Any

import flask
import flask_babel
import pytest
from flask import Flask

from exchange.web.forms import choices
from exchange.web.forms.post import BoardFilter
from exchange.web.rendering import A_NUMBER, address, gettext


@pytest.mark.parametrize("slug", ["bar", f"club-{A_NUMBER}", str(A_NUMBER)])
def test_addresses_are_those_of_flask(app: Flask, slug: str) -> None:
    with app.test_request_context(f"/g/{slug}/"):
        for rule in app.url_map.iter_rules():
            names = rule.arguments - {"slug"}
            converters = rule._converters
            if len(names) > 1 or rule.endpoint == "static" or "GET" not in (rule.methods or set()):
                continue
            if any(type(converters[name]).__name__ != "IntegerConverter" for name in names):
                continue
            for number in (7, 4071, A_NUMBER):
                values: dict[str, Any] = ({"slug": slug} if "slug" in rule.arguments else {}) | dict.fromkeys(
                    names, number
                )
                assert address(rule.endpoint, **values) == flask.url_for(rule.endpoint, **values)
                assert address(rule.endpoint, page=number, **values) == flask.url_for(
                    rule.endpoint, page=number, **values
                )


def test_an_address_of_another_group_is_that_groups(app: Flask) -> None:
    with app.test_request_context("/g/bar/"):
        app.preprocess_request()

        assert address("board.show") == "/g/bar/"
        assert address("board.show", slug="med") == "/g/med/"
        assert address("posts.show", slug="med", post_id=3) == "/g/med/posts/3"
        assert address("posts.show", post_id=3) == "/g/bar/posts/3"


@pytest.mark.parametrize("language", ["en", "es"])
def test_sentences_are_those_of_flask_babel(app: Flask, language: str) -> None:
    with app.test_request_context("/"), flask_babel.force_locale(language):
        assert gettext("tomorrow") == flask_babel.gettext("tomorrow")
        said = "today at %(hour)s"
        assert gettext(said, hour="18:00") == flask_babel.gettext(said, hour="18:00")


def test_a_filter_is_written_as_wtforms_writes_it(app: Flask) -> None:
    with app.test_request_context("/?category=%22a%22%20%26&kind=nothing+of+these&place=%22there%22"):
        form = BoardFilter(flask.request.args)
        form.category.choices = choices(("", "All"), ('"a" &', "<b>Advice</b> & 'more'"), ("c", ""))
        for field in form:
            said = {"aria_describedby": False, "dir": "auto", "data_more": '<">'}
            assert field(**said) == field.widget(field, **said)
        assert 'selected value="&#34;a&#34; &amp;"' in form.category()
