"""Tables in a notebook: all text escaped, arrays on their lines."""

from sgdtheory.render.tables import html, latex, plain

ROWS = [
    ("quantity", "value"),
    ("excess_loss", "0.5"),
    ("covariance", "[[1. 2.]\n [2. 5.]]"),
    ("<b> $x$ \\(y\\)", "50 %"),
]


def test_html():
    shown = html(ROWS, title="a law & more", notes=["1 < 2"])
    assert shown.startswith("<table><caption")
    assert shown.count("<tr>") == len(ROWS)
    assert "<b>" not in shown
    assert "a law &amp; more" in shown
    assert "1 &lt; 2" in shown
    assert "white-space: pre-wrap" in shown
    assert "[[1. 2.]\n [2. 5.]]" in shown
    assert '<span class="tex2jax_ignore mathjax_ignore">$</span>x' in shown


def test_latex():
    shown = latex(ROWS, title="a law", notes=["100% _"])
    assert shown.startswith("$$\\begin{array}{ll}")
    assert shown.count(r"\begin{array}") == shown.count(r"\end{array}") == 2
    assert shown.count("{") - shown.count("}") == 0
    assert r"\text{50 }\%" in shown
    assert r"\text{excess}\_\text{loss}" in shown
    inside = shown.removeprefix("$$").removesuffix("$$")
    assert "$" not in inside.replace(r"\$", "")


def test_text_holds_the_same():
    shown = plain(ROWS, title="a law")
    for row in ROWS:
        for cell in row:
            for line in cell.splitlines():
                assert line.strip() in shown
