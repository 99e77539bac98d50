"""Steps that the variances of a finite data set share, whichever way its batches are drawn."""

import sympy as sp

from sgdtheory.algebra.batches import batch_mean_covariance
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.quadratic._premises import b, c, one_bowl, settled_mean, x
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import D, eta, lambda_, m, s2, sigma2

V = sp.Symbol("V", real=True)


def batch_variance(d: Derivation, *, replacement: bool) -> sp.Expr:
    """Derive the variance of a batch's mean about that of the data."""
    return d.add(
        "Variance of a batch's mean; the squared deviations of the data add up to (D - 1) s^2",
        "Var[b]",
        batch_mean_covariance((D - 1) * s2, D, m, replacement=replacement),
        s2 * (1 - 1 / D) / m if replacement else s2 * (1 / m - 1 / D),
    )


def about_the_data(*, replacement: bool) -> Derivation:
    """Derive the stationary variance about the mean of the data."""
    d = Derivation(sampled_quadratics)
    after, noise = one_bowl(d), batch_variance(d, replacement=replacement)
    moment = d.add(
        "Square and take the expectation; a fresh batch is independent of x",
        "E[x'^2]",
        expectation(after**2, {x: 0, b: 0}, {(x, x): V, (b, b): noise}),
        (1 - eta * lambda_) ** 2 * V + eta**2 * lambda_**2 * noise,
    )
    solution = fixed_point(*coefficients(moment, V))
    d.add("Stationary: the solution of E[x'^2] = V, put back", "V*", moment.subs(V, solution), solution)
    d.add(
        "The factor a = 1 - eta lambda lies inside the unit circle if and only if 0 < eta lambda < 2",
        "1 - a^2",
        1 - coefficients(after, x)[0] ** 2,
        eta * lambda_ * (2 - eta * lambda_),
    )
    d.add(
        "Each step multiplies the distance from V* by a^2: from every start the variance tends to it",
        "E[x'^2] - V*",
        moment - solution,
        (1 - eta * lambda_) ** 2 * (V - solution),
    )
    d.add("In lowest terms", "Var[theta]", solution)
    return d


def about_the_data_in_the_limit(*, replacement: bool) -> Derivation:
    """Derive the stationary variance of the Ornstein-Uhlenbeck limit."""
    d = Derivation(sampled_quadratics)
    after, noise = one_bowl(d), batch_variance(d, replacement=replacement)
    W = sp.Symbol("W", real=True)
    moment = expectation(after**2, {x: 0, b: 0}, {(x, x): V, (b, b): W / eta})
    rate = d.add(
        "Rate of change of the variance per unit of time s = eta t; the noise level W = eta Var[b] is kept",
        "(E[x'^2] - V)/eta",
        ((moment - V) / eta).expand(),
        -2 * lambda_ * V + lambda_**2 * W + eta * lambda_**2 * V,
    )
    drift = d.add(
        "The learning rate goes to zero at fixed W", "dV/ds", rate.subs(eta, 0), -2 * lambda_ * V + lambda_**2 * W
    )
    solution = sp.solve(drift, V)[0]
    d.add(
        "It vanishes at one value V* only, and every start decays to it",
        "dV/ds",
        drift,
        -2 * lambda_ * (V - solution),
    )
    d.add("Write W = eta Var[b] again", "Var[theta]", solution.subs(W, eta * noise))
    return d


def variance_of_the_mean(d: Derivation, variance: sp.Expr, shown: str) -> sp.Expr:
    """Derive the variance of the mean of the D data points from that of one."""
    N = sp.Symbol("N", positive=True)
    return d.add(
        "The mean of the data is that of D draws from the population: N equally likely values, N to infinity",
        shown,
        sp.limit(batch_mean_covariance(N * variance, N, D, replacement=True), N, sp.oo),
        variance / D,
    )


def about_the_truth(given_data: sp.Expr) -> Derivation:
    """Derive the variance about the true optimum from that about the mean of the data."""
    d = Derivation(sampled_quadratics)
    settled = settled_mean(d, one_bowl(d))
    centre = variance_of_the_mean(d, sigma2, "Var[c]")
    spread = d.add(
        "Expected squared deviations of the data from their mean: those from the truth minus D Var[c]",
        "E[(D - 1) s^2]",
        D * sigma2 - D * centre,
        (D - 1) * sigma2,
    )
    given = d.add("Variance for a given data set, linear in its s^2", "Var[theta | data]", given_data)
    mean = d.add(
        "averaged over data sets, E[s^2] being sigma^2", "E Var[theta | data]", given.subs(s2, spread / (D - 1))
    )
    d.add(
        "The variance of the mean c + E[x | data] is added",
        "Var[theta]",
        mean + expectation((c + settled) ** 2, {c: 0}, {(c, c): centre}),
    )
    return d
