"""Circulation matrix of stationary SGD: how far its covariance is from commuting with the Hessian, exact.

Reads as: entry by entry the noise, where curvatures differ. It vanishes if and only if noise and Hessian commute:
anisotropic noise that is diagonal in the eigenbasis of H, for example C = H, drives no current at all.

Fails when: eta lambda_max reaches 2, where there is no stationary law, or the noise varies with theta.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.currents import commutator_products
from sgdtheory.processes.observables import Moment
from sgdtheory.quadratic._points import GENERIC
from sgdtheory.symbols import C_ij, Q_ij, eta, lambda_i, lambda_j, words

circulation = ClosedForm(
    name="diffusion.circulation",
    title="circulation matrix of the stationary current, exact",
    kind=Kind.EXACT,
    symbol=Q_ij,
    value=C_ij * (lambda_i - lambda_j) / (lambda_i + lambda_j - eta * lambda_i * lambda_j),
    parameters=words(eta, lambda_i, lambda_j, C_ij),
    domain=(eta > 0, lambda_i > 0, eta * lambda_i < 2),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters and from step to step",
        "the entry is taken in the eigenbasis of the Hessian; the matrix is antisymmetric",
    ),
    process=additive_noise,
    observable=Moment(
        "commutator of Hessian and covariance, times m/eta", commutator_products, law=("learning_rate", "batch_size")
    ),
    points=GENERIC,
    sources=(Source("chaudhari2018", "Lemma 20, eq. (16)", "D = C, beta^-1 = eta/(2 b), b = m; there as eta -> 0"),),
)
