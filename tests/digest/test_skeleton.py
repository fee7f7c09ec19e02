"""A skeleton that is filled reads like the template itself, whatever is said."""

from typing import Any

from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from exchange.digest.fragments import inlined
from exchange.digest.skeleton import Piece, Skeletons
from exchange.digest.voice import Said, one_line
from exchange.mail.render import environment

PAGE = """<!doctype html><html lang="en"><head><title>{{ one }}</title><style>p { color: #123456; }</style></head><body>
{% for said in some %}<p class="a">{{ said.words }}</p>{% endfor %}
<div aria-label="A letter of {{ two }}"><p>{{ one or two }}</p><a href="{{ link }}">{{ two }} and {{ one }}</a></div>
</body></html>"""
TEXT = """{% autoescape false %}{% filter paragraphs %}
{{ one }}

{{ two }}: {{ one }}
{{ link }}
{% for said in some %}
  {{ said.words }}
{% endfor %}
{% endfilter %}{% endautoescape %}"""
TROUBLES = ["&", "<b>", "</title>", '"', "'", "\u00a0", "&amp;", "نور", "\u202e", "👩‍⚖️", "\ue0000\ue001", "{{ 7*7 }}"]
letters = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]))
texts = st.one_of(st.sampled_from([*TROUBLES, "-", "a" * 90]), letters)
words = st.lists(texts, min_size=1).map(" ".join).map(one_line).filter(bool)
facts = st.fixed_dictionaries(
    {
        "one": st.one_of(words, st.just("")),
        "two": words,
        "link": st.just("http://exchange.example/g/bar/posts/1?a=1&b=2"),
        "some": st.lists(st.fixed_dictionaries({"words": words}), max_size=3),
    }
)
once = settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


@once
@given(facts)
@example({"one": '"A" & <b>', "two": "'x'\u00a0y", "link": 'http://a/"b="', "some": [{"words": "\ue0001\ue001"}]})
def test_a_page(app: Flask, said: dict[str, Any]) -> None:
    template = environment().from_string(PAGE)

    def render(given: dict[str, Any]) -> str:
        return inlined(template.render(given))

    assert inlined(Skeletons().page("a page", said, render)) == inlined(render(said))


@once
@given(facts)
def test_a_text(app: Flask, said: dict[str, Any]) -> None:
    template = environment().from_string(TEXT)

    assert Skeletons().text("a text", said, template.render) == template.render(said)


def test_letters_of_one_shape_are_rendered_once(app: Flask) -> None:
    kept, rendered = Skeletons(), []

    def render(given: dict[str, Any]) -> str:
        rendered.append(given)
        return environment().from_string("{{ one }}{% for each in some %}, {{ each }}{% endfor %}").render(given)

    shapes = [("a", ["b"]), ("c", ["d"]), ("e", []), ("", ["f"]), ("g", ["h"])]
    said = [kept.text("x", {"one": one, "some": some}, render) for one, some in shapes]

    assert said == ["a, b", "c, d", "e", ", f", "g, h"]
    assert len(rendered) == 3


def test_a_piece_stands_as_it_is(app: Flask) -> None:
    piece = Piece("<p>“x”\u00a0&#34;</p>")
    render = environment().from_string("<div>{{ piece }}</div>").render

    assert Skeletons().page("x", {"piece": piece}, render) == f"<div>{piece}</div>"
    assert Skeletons().page("x", {"piece": Said("<bdi>a</bdi>")}, render) == "<div><bdi>a</bdi></div>"
    assert Skeletons().page("x", {"piece": "<bdi>"}, render) == "<div>&lt;bdi&gt;</div>"
