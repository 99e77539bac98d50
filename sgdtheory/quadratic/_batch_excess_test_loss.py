"""Expected excess test loss of the training optimum, where batch gradient descent ends: tr(H^-1 C)/(2D)."""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import batch_test_loss
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.quadratic._points import vector_law_points
from sgdtheory.symbols import C_ii, D, excess_test, lambda_i, words

batch_excess_test_loss = ClosedForm(
    name="quadratic.batch_excess_test_loss",
    title="excess test loss of the training optimum, tr(H^-1 C)/(2D)",
    kind=Kind.EXACT,
    symbol=excess_test,
    value=C_ii / (2 * lambda_i * D),
    parameters=words(D, lambda_i, C_ii),
    domain=(D >= 1, lambda_i > 0),
    assumptions=(
        "all samples have the same Hessian",
        "C is the gradient covariance of the population at its optimum",
        "expectation over data sets",
    ),
    process=sampled_quadratics,
    observable=Moment("test loss of the training optimum above that of the true one", batch_test_loss),
    points=vector_law_points("replacement"),
    sources=(Source("wangwu2020", "Theorem 3, M-estimator law H^-1 C H^-1 / D", "sigma^2 = C, n = D"),),
)
