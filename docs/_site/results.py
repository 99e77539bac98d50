"""The page of each result, and the list of all of them."""

import re

from sympy.printing.pretty.pretty_symbology import greek_unicode

import sgdtheory as st
from sgdtheory.catalogue import dependencies
from sgdtheory.cli.graph import arrows
from sgdtheory.cli.graph_picture import picture
from sgdtheory.closed_form import ClosedForm
from sgdtheory.render.latex import statement
from sgdtheory.render.markdown import page
from sgdtheory.render.plain import expression
from sgdtheory.symbols import glossary

HEAD = """\
# Results

Each result is derived from the update rule, checked by an exact moment recursion and by simulation, and usable as a
function. Choose one to read what it says, when it holds, its derivation, and where it is printed.

```{list-table}
:class: results-table
:header-rows: 1
:width: 100%

* - Result
  - Statement
  - Family
  - Kind
"""

TAIL = """\
```

*Exact* results hold at any learning rate. *Asymptotic* results are limits, and their pages say of what and with which
error. What papers print otherwise and wrongly is among the [errata](<../errata.md>).
"""


def pages() -> dict[str, str]:
    """Return the text of every result's page and of the index, by path below ``docs``."""
    texts = {f"results/{name}.md": _linked(name, page(form)) for name, form in st.results.items()}
    titles = {name: texts[f"results/{name}.md"].partition("\n")[0].removeprefix("# ") for name in st.results}
    rows = "".join(_row(st.results[name], titles[name]) for name in sorted(st.results, key=titles.__getitem__))
    toctree = "\n".join(st.results)
    return texts | {
        "generated/dependencies.svg": _picture(),
        "results/index.md": f"{HEAD}{rows}{TAIL}{PICTURE}\n```{{toctree}}\n:hidden:\n\n{toctree}\n```\n",
    }


def names() -> list[str]:
    """Return the names of all results, which are the names of their pages."""
    return list(st.results)


def _linked(own: str, text: str) -> str:
    """Return a page in which the names of other results are links."""

    def link(match: re.Match[str]) -> str:
        name = match[1]
        return f"[`{name}`](<{name}.md>)" if name in st.results and name != own else match[0]

    head = "\n## Errata\n"
    text = text.replace(head, f"{head}\n[All errata](<../errata.md>), with the numbers of simulations.\n")
    return re.sub(r"(?<!`)`([a-z_]+\.[a-z_]+)`(?!`)", link, text).rstrip() + "\n"


def _row(form: ClosedForm, title: str) -> str:
    family, _ = form.name.split(".")
    words = dict.fromkeys([word.replace("_", " ") for word in form.parameters] + _letters(form))
    keywords = ", ".join([glossary[form.symbol].meaning, *words])
    return (
        f"* - [{title}](<{form.name}.md>) [`{form.name}`]{{.result-name}} [{keywords}]{{.result-words}}\n"
        f"  - $\\displaystyle {statement(form)}$\n  - {family}\n  - {form.kind.value}\n"
    )


def _letters(form: ClosedForm) -> list[str]:
    """Return the names of a result's symbols as a reader may type them: lambda, or the Greek letter itself."""
    symbols = [form.symbol, *(symbol for group in form.parameters.values() for symbol in group)]
    names = [name for symbol in symbols for name in re.findall("[A-Za-z]+", expression(symbol))]
    return [*names, *(greek_unicode[name] for name in names if name in greek_unicode)]


PICTURE = """
## Which result stands on which

An arrow says that the derivation of one result takes the other as known. `sgdtheory graph` prints the same as text, for
one result or for all.

```{image} ../generated/dependencies.svg
:class: wide-picture
:alt: Arrows from the processes to the results, and from results to those that stand on them
```
"""


def _picture() -> str:
    known = dependencies()
    return picture(arrows(known), known, "svg").decode()
