"""Derivation of the variance with a delay: autocovariances that mirror one another, and are a cosine and a sine."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.asynchrony._premises import modes, noise_of_bowls, y_i
from sgdtheory.derivations.quadratic._premises import n_i, x_i
from sgdtheory.processes.old_parameters import delayed_gradient
from sgdtheory.symbols import eta, k, lambda_, lambda_i, m, sigma2, tau_d

# A displacement before, the autocovariances at lags 0, tau_d, k - 1 and tau_d + 1 - k, the noise, a weight, an angle.
w_i, r_0, r_tau, r_before, r_mirror, c, b = sp.symbols("w_i r_0 r_tau r_(k-1) r_(tau+1-k) c b", real=True)
a = sp.Symbol("a", positive=True)
half = (2 * tau_d + 1) * a / 2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(delayed_gradient)
    after = modes(d, (x_i, y_i, n_i, lambda_i))[0].subs(lambda_i, lambda_)
    centred = dict.fromkeys((x_i, y_i, n_i, w_i), 0)
    later = d.add(
        "Multiply by the displacement w of k - 1 steps ago, 1 <= k <= tau_d + 1, and take the expectation: y lies"
        " tau_d + 1 - k steps from w, and the noise is new. With r_k the stationary autocovariance",
        "r_k",
        expectation(after * w_i, centred, {(x_i, w_i): r_before, (y_i, w_i): r_mirror}),
        r_before - eta * lambda_ * r_mirror,
    )
    square = d.add(
        "The variance after a step, c being that of the noise",
        "E[x_i'^2]",
        expectation(after**2, centred, {(x_i, x_i): r_0, (y_i, y_i): r_0, (x_i, y_i): r_tau, (n_i, n_i): c}),
        r_0 - 2 * eta * lambda_ * r_tau + eta**2 * lambda_**2 * r_0 + eta**2 * c,
    )
    turned = {lambda_: 2 * sp.sin(a / 2) / eta}
    pull = -sp.expand(later).coeff(r_mirror).subs(turned)

    def covariance(lag: sp.Expr, weight: sp.Expr) -> sp.Expr:
        return r_0 * (sp.cos(lag * a) - weight * sp.sin(lag * a))

    def gap(lag: sp.Expr, weight: sp.Expr) -> sp.Expr:
        return covariance(lag, weight) - covariance(lag - 1, weight) + pull * covariance(tau_d + 1 - lag, weight)

    (weight,) = sp.solve(gap(sp.Rational(1, 2), b), b)  # here the sines of (k - 1/2) a are zero
    weight = d.add(
        "Try r_k = r_0 (cos k a - b sin k a) with eta lambda = 2 sin(a/2). In the recursion the cosines and sines of"
        " (k - 1/2) a must agree each; the cosines do for",
        "b",
        weight,
        sp.cos(half) / (1 + sp.sin(half)),
        numerically=True,
    )
    d.add(
        "and the sines for the same: the recursion holds for every k",
        "r_k - r_(k-1)",
        covariance(k, weight) - covariance(k - 1, weight),
        -pull * covariance(tau_d + 1 - k, weight),
        numerically=True,
    )
    (variance,) = sp.solve(square.subs(turned).subs(r_tau, covariance(tau_d, weight)) - r_0, r_0)
    variance = d.add(
        "Stationary: E[x_i'^2] = r_0, which the variance after a step makes an equation for r_0",
        "r_0",
        variance,
        eta**2 * c * (1 + sp.sin(half)) / (2 * sp.sin(a) * sp.cos(half)),
        numerically=True,
    )
    noise, psi = noise_of_bowls(d), (2 * tau_d + 1) * sp.asin(eta * lambda_ / 2)
    d.add(
        "so that the gradient has the variance lambda^2 sigma^2; and a = 2 asin(eta lambda/2)",
        "Var[theta]",
        variance.subs({a: 2 * sp.asin(eta * lambda_ / 2), c: noise}),
        eta * lambda_ * sigma2 * (1 + sp.sin(psi)) / (m * sp.sqrt(4 - eta**2 * lambda_**2) * sp.cos(psi)),
        numerically=True,
    )
    return d
