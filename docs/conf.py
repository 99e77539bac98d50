"""The documentation site: ``sphinx-build -W --keep-going -b html docs docs/_build/html``.

Pages that follow from the library (one for each result, the command line, the landing picture) are written by the
modules in ``_site/`` when the build begins. Nothing is fetched, at build or view time.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from _site import generate, offline, reference  # noqa: E402
from _site.gallery import gallery_settings  # noqa: E402

import sgdtheory  # noqa: E402

project = "sgdtheory"
author = "The sgdtheory developers"
copyright = "The sgdtheory developers, MIT licence"
version = release = sgdtheory.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",
    "numpydoc",
    "myst_nb",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_site", "gallery/*.ipynb", "generated"]
highlight_language = "none"
pygments_style = "default"

# Markdown and notebooks: everything that a page prints is worked out when the site is built.
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist", "attrs_inline", "attrs_block"]
myst_heading_anchors = 3
nb_execution_mode = "force"  # a cache would show what an earlier state of the library printed
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_ipywidgets_js = {}  # myst-nb would otherwise load two scripts from a server

# MathJax 3, from the package sphinx-mathjax-offline.
mathjax3_config = {"options": {"enableMenu": False}, "chtml": {"displayAlign": "left", "displayIndent": "1.5em"}}

autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

sphinx_gallery_conf = gallery_settings(HERE)

html_theme = "pydata_sphinx_theme"
html_title = "sgdtheory"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = [("results.js", {"defer": "defer"})]
html_copy_source = False
html_show_sourcelink = False
html_sidebars = {
    name: []
    for name in (
        "index",
        "tutorial",
        "results/index",
        "gallery/index",
        "three_or_four_factors",
        "conventions",
        "errata",
    )
}
html_theme_options = {
    "show_prev_next": False,
    "navigation_with_keys": False,
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 8,
    "show_toc_level": 2,
    "secondary_sidebar_items": {"**": ["page-toc"]}
    | {name: [] for name in ("index", "performance", "real_data", "results/index", "gallery/index")},
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "default",
    "pygments_dark_style": "github-dark",
}


def setup(app):
    """Write the generated pages before Sphinx looks for sources; docstrings are read as plain text with markup."""
    app.connect("config-inited", lambda *_: generate.all_pages(HERE))
    app.connect("autodoc-process-docstring", reference.escape, priority=100)
    app.connect("build-finished", offline.check)
