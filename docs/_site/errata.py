"""The page of errata: printed equations that fail, with the numbers that refute them, worked out now."""

import sgdtheory as st
from sgdtheory.numeric.refutation import Refutation
from sgdtheory.render.bibliography import reference
from sgdtheory.render.document import Chapter, Document
from sgdtheory.render.entry import rounded
from sgdtheory.render.errata import entry, papers, place
from sgdtheory.render.markdown import document

HEAD = """\
| printed in | exact | simulated | printed | off | corrected | off |
|---|---|---|---|---|---|---|
"""


def pages() -> dict[str, str]:
    """Return what the page includes, by path below ``docs``."""
    found = st.errata()
    wrong = [one.form.name for one in found if not (one.refuted and one.confirmed)]
    if wrong:
        raise RuntimeError(f"errata that are not what they should be: {', '.join(wrong)}")
    numbers = {id(one): number for number, one in enumerate(found, 1)}
    parts = [HEAD + "".join(_row(one, numbers[id(one)]) for one in found)]
    for key in papers(found):
        paper = reference(key)
        parts.append(f"## {paper.label}\n\n*{paper.title}*. {paper.venue}\n")
        parts += [_section(one, numbers[id(one)]) for one in found if one.erratum.source.key == key]
    return {"generated/errata.md": "\n".join(parts)}


def _row(one: Refutation, number: int) -> str:
    cells = (
        f"[{reference(one.erratum.source.key).label}, {place(one)}](#erratum-{number})",
        rounded(one.exact),
        f"{rounded(one.simulated)}&nbsp;&plusmn;&nbsp;{rounded(one.standard_error, 2)}",
        rounded(one.printed),
        f"{one.printed_off:.0f}",
        rounded(one.corrected),
        f"{one.corrected_off:.1f}",
    )
    return f"| {' | '.join(cells)} |\n"


def _section(one: Refutation, number: int) -> str:
    """Return an erratum below a heading of the third level, the name of its result as a link."""
    text = document(Document("", "", (), (Chapter("", "", (), (entry(one),)),), ()))
    title, _, rest = text.partition(f"\n\n`{one.form.name}`\n\n")
    linked = rest.replace(f"`{one.form.name}`", f"[`{one.form.name}`](<results/{one.form.name}.md>)")
    return f"(erratum-{number})=\n##{title}\n\n{linked}"
