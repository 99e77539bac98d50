"""Largest learning rate at which the mean of SGD with delayed gradients converges.

Reads as: about pi/2 over the delay plus a half, in units of 1/lambda: each further step of delay costs learning rate in
proportion. At the limit the mean does not flip its sign from step to step but turns, by pi/(2 tau_d + 1).

Fails when: curvature varies from sample to sample: the second moment can then diverge at a smaller rate, while the mean
still converges, and this is only an upper bound.
"""

import sympy as sp

from sgdtheory.asynchrony._points import DELAYED_STABLE
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.old_parameter_observables import TurningThreshold
from sgdtheory.processes.old_parameters import delayed_gradient
from sgdtheory.symbols import eta_max, lambda_max, tau_d, words

delayed_stability_limit = ClosedForm(
    name="asynchrony.delayed_stability_limit",
    title="largest learning rate at which the mean with delayed gradients converges",
    kind=Kind.EXACT,
    symbol=eta_max,
    value=2 * sp.sin(sp.pi / (2 * (2 * tau_d + 1))) / lambda_max,
    parameters=words(tau_d, lambda_max),
    domain=(lambda_max > 0,),
    assumptions=(
        "the Hessian is constant and has no negative eigenvalue",
        "the gradient noise has mean zero",
    ),
    process=delayed_gradient,
    observable=TurningThreshold(),
    points=DELAYED_STABLE,
    sources=(),
)
