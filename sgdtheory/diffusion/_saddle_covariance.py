"""Covariance of the parameters after t steps from a fixed start near a saddle point, exact.

Reads as: the law about a minimum goes on to hold where curvatures are negative: along unstable directions the noise is
amplified, by (1 + eta |h|)^2 a step, and correlations with stable directions grow or decay as the product of the two
factors is above one or below.

Fails when: h_i + h_j = eta h_i h_j, where one mode contracts as much as the other grows or both are flat: the value is
0/0, and its limit eta^2 C_ij t/m holds. Far from the saddle point the curvature is another.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._saddle_points import GENERIC
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.saddle import saddle
from sgdtheory.quadratic._transient_covariance import transient_covariance
from sgdtheory.symbols import C_ij, Sigma_t_ij, eta, h_i, h_j, lambda_i, lambda_j, m, t, words

saddle_covariance = ClosedForm(
    name="diffusion.saddle_covariance",
    title="covariance after t steps near a saddle point, exact",
    kind=Kind.EXACT,
    symbol=Sigma_t_ij,
    value=transient_covariance.value.xreplace({lambda_i: h_i, lambda_j: h_j}),
    parameters=words(eta, m, h_i, h_j, C_ij, t),
    domain=(sp.Ne(h_i + h_j, eta * h_i * h_j),),
    assumptions=(
        "the Hessian is constant, its eigenvalues of either sign, and the noise independent of the parameters",
        "every run starts from the same point",
    ),
    process=saddle,
    observable=Moment("covariance of the parameters after t steps", products, time="steps"),
    points=GENERIC,
    sources=(
        Source(
            "ge2015",
            "(33)-(34)",
            "there the noisy course itself, of which this is the covariance; their"
            " noise is that of the gradient and a vector drawn from the unit sphere",
        ),
    ),
)
