"""Stationary variance of one parameter with momentum, exact.

Reads as: at the fastest tuning, eta lambda = (1 - sqrt(mu))^2, it is (1 + mu)/(1 - mu)^2 times what the geometric sum
of independent steps would give, because steps that follow each other are correlated.

Fails when: eta lambda reaches 2 (1 + mu), where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Source
from sgdtheory.momentum._points import ONE_DIMENSION, ROBUST
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import eta, lambda_, m, mu, sigma2, variance, words

stationary_variance = ClosedForm(
    name="momentum.stationary_variance",
    title="stationary variance of one parameter with momentum, exact",
    kind=Kind.EXACT,
    symbol=variance,
    value=eta * lambda_ * sigma2 * (1 + mu) / (m * (1 - mu) * (2 * (1 + mu) - eta * lambda_)),
    parameters=words(eta, mu, m, lambda_, sigma2),
    domain=(
        eta > 0,
        mu < 1,
        m > 0,
        lambda_ > 0,
        eta * lambda_ < 2 * (1 + mu),
    ),
    assumptions=(
        "the loss of one sample is lambda (theta - y)^2/2, with samples y of variance sigma^2",
        "batches are drawn with replacement, or from a large data set",
    ),
    process=additive_noise_with_momentum,
    observable=Moment("variance of the parameter, stationary", products),
    points=ONE_DIMENSION,
    sources=(),
    errata=(
        Erratum(
            Source(
                "zhang2019yellowfin",
                "surrogate of the mean square behind the tuning rule, for many steps; recalled, the text"
                " was not at hand",
                "alpha = eta, C = lambda^2 sigma^2/m; claimed in the robust region (1 - sqrt(mu))^2 <= eta lambda <="
                " (1 + sqrt(mu))^2",
            ),
            printed=eta**2 * lambda_**2 * sigma2 / (m * (1 - mu)),
            says="too small by the factor (1 + mu)/(1 - mu)^2 at the tuned rate eta lambda = (1 - sqrt(mu))^2",
            points=(ROBUST,),
        ),
    ),
)
