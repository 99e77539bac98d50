"""Relaxation time of each mode: steps in which the mean falls by a factor e.

Reads as: close to 1/(eta lambda) for small rates; it tends to zero as eta lambda tends to 1, where one step reaches
the minimum.

Fails when: eta lambda_i = 1: after one step the mean is at the minimum, and no exponential decay is left to time.
Numbers are given as the limit, zero.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.observables import DecayTime
from sgdtheory.quadratic._points import GENERIC
from sgdtheory.symbols import eta, lambda_i, tau_i, words

relaxation_time = ClosedForm(
    name="quadratic.relaxation_time",
    title="relaxation time of each mode",
    kind=Kind.EXACT,
    symbol=tau_i,
    value=-1 / sp.log(sp.Abs(1 - eta * lambda_i)),
    parameters=words(eta, lambda_i),
    domain=(eta > 0, lambda_i > 0, eta * lambda_i < 2, sp.Ne(eta * lambda_i, 1)),
    assumptions=("the Hessian is constant", "the gradient noise has mean zero"),
    process=additive_noise,
    observable=DecayTime(),
    points=GENERIC,
    sources=(),
)
