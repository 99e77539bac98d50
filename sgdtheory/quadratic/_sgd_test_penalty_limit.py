"""SGD and batch gradient descent generalise alike as the learning rate goes to zero.

Reads as: the difference of their expected test losses has the limit zero.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.quadratic._sgd_test_penalty import sgd_test_penalty
from sgdtheory.symbols import C_ii, D, eta, lambda_i, m, penalty, words

sgd_test_penalty_limit = ClosedForm(
    name="quadratic.sgd_test_penalty_limit",
    title="no difference in test loss between SGD and batch as the learning rate goes to zero",
    kind=Kind.ASYMPTOTIC,
    symbol=penalty,
    value=sp.Integer(0),
    parameters=words(eta, m, D, lambda_i, C_ii),
    domain=sgd_test_penalty.domain,
    assumptions=(*sgd_test_penalty.assumptions, "the learning rate goes to zero"),
    process=sampled_quadratics,
    observable=sgd_test_penalty.observable,
    points=sgd_test_penalty.points,
    sources=sgd_test_penalty.sources,
    limit=Limit(exact=sgd_test_penalty, small=eta),
)
