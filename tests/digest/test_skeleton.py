"""A skeleton that is filled reads like the template itself, whatever is said."""

from typing import Any

from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from exchange.digest.fragments import inlined
from exchange.digest.lines import Block, Lines
from exchange.digest.skeleton import Skeletons, written_out
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

    assert inlined(written_out(Skeletons().page("a page", said, render)).rstrip("\n")) == inlined(render(said))


@once
@given(facts)
def test_a_text(app: Flask, said: dict[str, Any]) -> None:
    template = environment().from_string(TEXT)

    assert written_out(Skeletons().text("a text", said, template.render)) == template.render(said) + "\n"


def test_letters_of_one_shape_are_rendered_once(app: Flask) -> None:
    kept, rendered = Skeletons(), []

    def render(given: dict[str, Any]) -> str:
        rendered.append(given)
        return environment().from_string("{{ one }}{% for each in some %}, {{ each }}{% endfor %}").render(given)

    shapes = [("a", ["b"]), ("c", ["d"]), ("e", []), ("", ["f"]), ("g", ["h"])]
    said = [written_out(kept.text("x", {"one": one, "some": some}, render)).rstrip("\n") for one, some in shapes]

    assert said == ["a, b", "c, d", "e", ", f", "g, h"]
    assert len(rendered) == 3


def test_text_and_what_was_said_already_are_never_taken_for_each_other(app: Flask) -> None:
    render = environment().from_string("<p>{{ one }}</p>").render
    kept = Skeletons()

    as_text, as_said, again = (
        kept.page("x", {"one": one}, render) for one in ("a &amp; b", Said("a &amp; b"), "a &amp; b")
    )

    assert [written_out(one).rstrip("\n") for one in (as_text, as_said, again)] == [
        "<p>a &amp;amp; b</p>",
        "<p>a &amp; b</p>",
        "<p>a &amp;amp; b</p>",
    ]


def test_what_is_kept_of_runs_is_said_only_of_the_same_words(app: Flask) -> None:
    render = environment().from_string("{{ one }} and\n{{ two }}\n\n{{ three }}").render
    kept = Skeletons()

    def said(*words: str) -> str:
        return written_out(kept.text("x", dict(zip(("one", "two", "three"), words, strict=True)), render)).rstrip("\n")

    assert said("a", "b", "c") == "a and\nb\n\nc"
    assert said("a", "d", "c") == "a and\nd\n\nc"
    assert said("a", "b", "e") == "a and\nb\n\ne"
    assert said("a", "b", "c") == "a and\nb\n\nc"


def test_a_block_stands_as_it_is(app: Flask) -> None:
    block = Block([Lines("<p>“x”\u00a0&#34;</p>\n"), Lines("<p>y</p>")])
    render = environment().from_string("<div>\n{{ block }}\n</div>").render

    def page(said: Any) -> str:
        return written_out(Skeletons().page("x", {"block": said}, render))

    assert page(block) == "<div>\n<p>“x”\u00a0&#34;</p>\n<p>y</p>\n</div>\n"
    assert page(Said("<bdi>a</bdi>")) == "<div>\n<bdi>a</bdi>\n</div>\n"
    assert page("<bdi>") == "<div>\n&lt;bdi&gt;\n</div>\n"
