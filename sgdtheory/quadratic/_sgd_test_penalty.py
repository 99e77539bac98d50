"""What SGD adds to the expected test loss of batch gradient descent.

Reads as: never negative; in this convex model SGD cannot generalise better than batch gradient descent.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import test_loss_above_batch
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.quadratic._points import vector_law_points
from sgdtheory.symbols import C_ii, D, eta, lambda_i, m, penalty, words

sgd_test_penalty = ClosedForm(
    name="quadratic.sgd_test_penalty",
    title="expected test loss of SGD minus that of batch gradient descent, exact",
    kind=Kind.EXACT,
    symbol=penalty,
    value=eta * C_ii * (1 / m - 1 / D) / (2 * (2 - eta * lambda_i)),
    parameters=words(eta, m, D, lambda_i, C_ii),
    domain=(eta > 0, lambda_i > 0, eta * lambda_i < 2, D >= 1, m >= 1, m <= D),
    assumptions=(
        "all samples have the same Hessian",
        "batches are fresh uniform subsets of the data",
        "C is the gradient covariance of the population at its optimum",
        "expectation over data sets and over the stationary law of SGD",
    ),
    process=sampled_quadratics,
    observable=Moment("test loss of SGD minus that of the training optimum, stationary", test_loss_above_batch),
    points=vector_law_points("without_replacement"),
    sources=(
        Source(
            "sgdgeometry2012",
            "Section 3, no difference in expected generalization as the learning rate decays",
            "stated in words",
        ),
    ),
)
