"""HTML: well formed, self-contained, without scripts, and nothing of a person's text left raw."""

import re
import sys
from html.parser import HTMLParser

import pytest

from sgdtheory.catalogue import derive, results
from sgdtheory.render.book import one_result
from sgdtheory.render.html import (
    MissingConverterError,
    _converted,
    document,
    fragment_of_derivation,
    fragment_of_form,
)

pytest.importorskip("latex2mathml")
VOID = {"meta", "br", "img", "link", "hr"}
ALLOWED = (
    "html head meta title style body header main nav section h1 h2 h3 p ul ol li a code span div table thead tr th td"
    " cite details summary pre math mrow mi mn mo mtext mspace mfrac msqrt msub msup msubsup munder mover munderover"
    " mtable mtr mtd mstyle small h4 h5"
)


class Outline(HTMLParser):
    """The tags, anchors and links of a page; nesting is checked on the way."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.ids, self.links, self.attributes = [], set(), [], [], set()
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        values = dict(attrs)
        self.attributes |= set(values)
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values["href"]] if "href" in values else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "name", ["quadratic.stationary_covariance_diffusion", "quadratic.optimal_batch_size", "quadratic.relaxation_time"]
)
def test_a_page(name):
    page = document(one_result(results[name]))
    outline = Outline(page)
    assert outline.tags <= set(ALLOWED.split())
    assert not any(attribute.startswith("on") or attribute == "src" for attribute in outline.attributes)
    assert len(outline.ids) == len(set(outline.ids))
    assert {link.removeprefix("#") for link in outline.links} <= set(outline.ids)
    assert not re.search(r"https?://(?!www\.w3\.org)", page)
    assert "<mtext>\\" not in page, "a formula that has no MathML"
    for step in derive(name).steps:
        assert step.reason.split()[0] in page


def test_a_notebook_shows_tex():
    shown = fragment_of_form(results["quadratic.stationary_covariance"])
    Outline(shown)
    assert r"$$\begin{aligned} \Sigma_{ij} &amp; = \frac{\eta C_{ij}}" in shown
    assert "<math" not in shown
    proof = fragment_of_derivation(derive("quadratic.relaxation_time"))
    Outline(proof)
    assert proof.count("<li>") == len(derive("quadratic.relaxation_time").steps)
    assert "50 digits" in proof


@pytest.mark.parametrize(
    "tex", [r"\text{<script>alert(1)</script>}", r"\text{a & b}", r"\text{</math>}", r"\frac{a", r"\notacommand{x}"]
)
def test_what_the_converter_leaves_raw_is_escaped(tex):
    shown = _converted(tex)
    Outline(f"<math>{shown}</math>")
    assert "script" not in Outline(f"<math>{shown}</math>").tags


def test_a_missing_converter_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "latex2mathml.converter", None)
    with pytest.raises(MissingConverterError, match=r"pip install 'sgdtheory\[book\]'"):
        _converted(r"\text{never seen before}")
