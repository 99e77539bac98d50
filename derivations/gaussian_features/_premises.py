"""What derivations of this family start from: the gradient of one sample, and the noise of a batch."""

import sympy as sp

from sgdtheory.algebra.batches import batch_cumulant
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import covariance, expectation
from sgdtheory.symbols import lambda_i, lambda_j, m, sigma_y2

# Displacement, velocity and features along two modes, and along a third that stands for all others; the target's noise.
x_i, x_j, x_k, v_i = sp.symbols("x_i x_j x_k v_i", real=True)
f_i, f_j, f_k, e = sp.symbols("f_i f_j f_k e", real=True)
lambda_k = sp.Symbol("lambda_k", positive=True)
FEATURES = {(f_i, f_i): lambda_i, (f_j, f_j): lambda_j, (f_k, f_k): lambda_k, (e, e): sigma_y2}
CENTRED = {f_i: 0, f_j: 0, f_k: 0, e: 0}
# The noise of a batch's gradient along mode i; the sum of lambda x^2 over all modes, and its expectation.
n = sp.Symbol("n", real=True)
T = sp.Symbol("T", nonnegative=True)


def gradient_of_a_sample(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """State the gradient of one sample along two modes, as the derivation's process has it."""
    origin = sp.Matrix(sp.symbols("theta*_i theta*_j theta*_k", real=True))
    features, place = sp.Matrix([f_i, f_j, f_k]), sp.Matrix([x_i, x_j, x_k])
    drawn = d.process.gradient(origin + place, (features * features.T, -e * features), minimum=origin)
    error = f_i * x_i + f_j * x_j + f_k * x_k - e
    first = d.add(
        "Gradient of one sample along mode i, x being theta - theta*, f the features in the eigenbasis of H and e the"
        " noise of the target; mode k stands for all other modes",
        "g_i",
        drawn[0],
        f_i * error,
    )
    return first, d.add("and along mode j", "g_j", drawn[1], f_j * error)


def noise_of_a_batch(d: Derivation) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Derive the variance of a batch's gradient along mode i, its covariance with another mode, and its mean."""
    first, second = gradient_of_a_sample(d)
    mean = d.add(
        "Its mean; the features are independent with variances lambda", "E[g_i]", _expectation(first), lambda_i * x_i
    )
    other = _expectation(second)
    square = d.add(
        "Its variance, by Isserlis; T is the sum of lambda x^2 over all modes",
        "Var[g_i]",
        _in_terms_of_the_total(covariance(first, first, CENTRED, FEATURES, higher="gaussian")),
        lambda_i * (lambda_i * x_i**2 + T + sigma_y2),
    )
    product = d.add(
        "and its covariance with another mode",
        "Cov[g_i, g_j]",
        covariance(first, second, CENTRED, FEATURES, higher="gaussian"),
        lambda_i * lambda_j * x_i * x_j,
    )
    variance = d.add(
        "A batch averages m such samples, drawn afresh; the variance of its gradient",
        "Var[g_B i]",
        _of_a_batch(mean, mean, square),
        lambda_i * (lambda_i * x_i**2 + T + sigma_y2) / m,
    )
    mixed = _of_a_batch(mean, other, product)
    return variance, d.add("and the covariance", "Cov[g_B i, g_B j]", mixed, lambda_i * lambda_j * x_i * x_j / m), mean


def _expectation(polynomial: sp.Expr) -> sp.Expr:
    return expectation(polynomial, CENTRED, FEATURES, higher="gaussian")


def _in_terms_of_the_total(polynomial: sp.Expr) -> sp.Expr:
    """Write the square of the mode that stands for all others by the sum over all modes."""
    rest = (T - lambda_i * x_i**2 - lambda_j * x_j**2) / lambda_k
    return sp.expand(sp.expand(polynomial).subs(x_k**2, rest))


def _of_a_batch(first: sp.Expr, second: sp.Expr, spread: sp.Expr) -> sp.Expr:
    a, b, size = sp.symbols("a b N", positive=True)
    averages = {a: first, b: second, a * b: first * second + spread}
    return batch_cumulant((a, b), averages, size, m, replacement=True)
