"""Markdown: a heading, formulas between dollar signs, and words that are never mark-up."""

import re

import pytest

from sgdtheory.catalogue import derive, results
from sgdtheory.render.markdown import _words, page


@pytest.mark.parametrize(
    "name",
    ["quadratic.stationary_covariance_diffusion", "quadratic.optimal_learning_rate", "quadratic.transient_excess_loss"],
)
def test_a_page(name):
    text = page(results[name])
    assert text.startswith("# ")
    lines = text.splitlines()
    assert sum(line.strip() == "$$" for line in lines) % 2 == 0
    assert sum(re.match(r"\d+\. ", line) is not None for line in lines) == len(derive(name).steps)
    for line in lines:
        if not line.strip().startswith(("&", "\\begin", "\\end")):
            assert line.replace(r"\$", "").count("$") % 2 == 0
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 5
    for source in results[name].sources:
        assert re.search(rf"^@\w+\{{{source.key},$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("plain", "escaped"),
    [
        ("a_b *c* `d`", r"a\_b \*c\* \`d\`"),
        ("<script>", r"\<script\>"),
        ("$x$ $$", r"\$x\$ \$\$"),
        ("{eval-rst}", r"\{eval-rst\}"),
        ("[a](javascript:b)", r"\[a\](javascript:b)"),
        ("1. not a list", r"1\. not a list"),
        ("- nor this", r"\- nor this"),
        ("% nor a comment, 12 %", r"\% nor a comment, 12 %"),
        ("&lt; and \\", r"\&lt; and \\"),
        ("a\nb", "a b"),
    ],
)
def test_words_are_no_markup(plain, escaped):
    assert _words(plain) == escaped
