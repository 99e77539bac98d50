"""Expected test loss minus expected training loss in one dimension: lambda sigma^2 / D."""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.quadratic._generalization_gap import generalization_gap
from sgdtheory.quadratic._points import law_points
from sgdtheory.symbols import D, gap, lambda_, sigma2, words

scalar_generalization_gap = ClosedForm(
    name="quadratic.scalar_generalization_gap",
    title="generalization gap, one dimension",
    kind=Kind.EXACT,
    symbol=gap,
    value=lambda_ * sigma2 / D,
    parameters=words(D, lambda_, sigma2),
    domain=(D >= 1, lambda_ > 0),
    assumptions=(
        "all samples have the same curvature",
        "sigma^2 is the variance of the data, in parameter units",
        "expectation over data sets and over the stationary law of SGD",
    ),
    process=sampled_quadratics,
    observable=generalization_gap.observable,
    points=law_points("replacement"),
    sources=(
        Source(
            "sgdgeometry2012",
            "Section 3, difference between training and generalization error",
            "the formula itself is lost in the surviving text",
        ),
    ),
)
