"""Stationary covariance of SVAG, exact: it leads from SGD to the stochastic differential equation.

Reads as: two batches are combined to a gradient with l times the noise, and steps are l times shorter: the noise level
eta/m stays, and the correction eta lambda_i lambda_j of the finite step falls like 1/l. With l = 1 it is SGD, and as l
grows the Lyapunov equation H S + S H = (eta/m) C. Where SGD and SVAG with a large l end alike, the equation may be
trusted; where they differ, it may not.

Fails when: eta lambda_max reaches 2 l, where the mean diverges: SVAG may converge where SGD does not.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._modified_points import AMPLIFIED
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.variance_amplified import variance_amplified
from sgdtheory.symbols import C_ij, Sigma_ij, ell, eta, lambda_i, lambda_j, m, words

amplified_covariance = ClosedForm(
    name="diffusion.amplified_covariance",
    title="stationary covariance of SVAG, exact: from SGD to its stochastic differential equation",
    kind=Kind.EXACT,
    symbol=Sigma_ij,
    value=eta * C_ij / (m * (lambda_i + lambda_j - eta * lambda_i * lambda_j / ell)),
    parameters=words(eta, ell, m, lambda_i, lambda_j, C_ij),
    domain=(eta > 0, m > 0, lambda_i > 0, ell >= 1, eta * lambda_i < 2 * ell),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters, from step to step and between the two batches",
        "the entry is taken in the eigenbasis of the Hessian",
    ),
    process=variance_amplified,
    observable=Moment("covariance of the parameters, stationary", products),
    points=AMPLIFIED,
    sources=(
        Source(
            "li2021",
            "the definition of SVAG",
            "recalled, the text was not at hand: they run it as a test of the differential equation and give no law for"
            " quadratics; l batches of SVAG go with one of SGD",
        ),
    ),
)
