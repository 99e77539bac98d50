"""Expected test loss minus expected training loss of SGD: tr(H^-1 C)/D.

Reads as: neither the learning rate nor the batch size enters; the noise of SGD raises both losses alike.

Fails when: curvature varies from sample to sample; then this is the leading term in 1/D.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import test_minus_train
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.quadratic._points import vector_law_points
from sgdtheory.symbols import C_ii, D, gap, lambda_i, words

generalization_gap = ClosedForm(
    name="quadratic.generalization_gap",
    title="generalization gap, tr(H^-1 C)/D",
    kind=Kind.EXACT,
    symbol=gap,
    value=C_ii / (lambda_i * D),
    parameters=words(D, lambda_i, C_ii),
    domain=(D >= 1, lambda_i > 0),
    assumptions=(
        "all samples have the same Hessian",
        "C is the gradient covariance of the population at its optimum",
        "expectation over data sets and over the stationary law of SGD",
    ),
    process=sampled_quadratics,
    observable=Moment("test loss minus training loss, stationary", test_minus_train, law="data_law"),
    points=vector_law_points("without_replacement"),
    sources=(Source("takeuchi1976", "the penalty term tr(H^-1 C)", "per sample, twice the log-likelihood"),),
)
