"""Stationary variance of one parameter whose gradients are some steps old, exact for any delay.

Reads as: with psi = (2 tau_d + 1) asin(eta lambda / 2) the variance is that of small steps, eta lambda sigma^2/(2 m),
times (1 + sin psi)/cos psi and a factor near one; it is infinite where psi reaches pi/2. Without a delay it is that of
plain SGD.

Fails when: psi reaches pi/2, the stability limit, or where curvature varies from sample to sample.
"""

import sympy as sp

from sgdtheory.asynchrony._points import DELAYED
from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.old_parameters import delayed_gradient
from sgdtheory.symbols import eta, lambda_, m, sigma2, tau_d, variance, words

psi = (2 * tau_d + 1) * sp.asin(eta * lambda_ / 2)

delayed_variance = ClosedForm(
    name="asynchrony.delayed_variance",
    title="stationary variance of one parameter with delayed gradients, exact",
    kind=Kind.EXACT,
    symbol=variance,
    value=eta * lambda_ * sigma2 * (1 + sp.sin(psi)) / (m * sp.sqrt(4 - eta**2 * lambda_**2) * sp.cos(psi)),
    parameters=words(eta, m, tau_d, lambda_, sigma2),
    domain=(eta > 0, m > 0, lambda_ > 0, eta * lambda_ < 2 * sp.sin(sp.pi / (2 * (2 * tau_d + 1)))),
    assumptions=(
        "the loss of one sample is lambda (theta - y)^2/2, with samples y of variance sigma^2",
        "batches are drawn with replacement, or from a large data set",
    ),
    process=delayed_gradient,
    observable=Moment("variance of the parameter, stationary", products),
    points=DELAYED,
    sources=(
        Source(
            "kuchler1992",
            "stationary solutions of the Langevin equation with a delayed drift, of which this is the discrete form;"
            " recalled, the text was not at hand",
            "continuous time: a drift -b at the delay r has psi = b r",
        ),
    ),
)
