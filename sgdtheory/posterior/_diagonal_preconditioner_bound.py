"""How near diagonal preconditioners come to the posterior at best, for two modes with correlated noise.

Reads as: beyond a squared correlation of one half it pays to make one mode slower and one faster than the posterior
asks for: unequal speeds undo correlations. The best shares of the posterior's variances are 1 + q and 1 - q with
q^2 = 1 - 1/(2 R_12), not one and one, which leaves -log(1 - R_12)/2.

Fails when: the noise is not in the same proportion to the curvature along both modes; the bound is met at R_12 >= 1/2
only.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Source
from sgdtheory.posterior._points import DIAGONAL
from sgdtheory.processes.posterior import PosteriorDivergence
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.symbols import R_12, kl, words

diagonal_preconditioner_bound = ClosedForm(
    name="posterior.diagonal_preconditioner_bound",
    title="divergence from the posterior, at least, with any diagonal preconditioner",
    kind=Kind.BOUND,
    symbol=kl,
    value=sp.log(4 * R_12) / 2,
    parameters=words(R_12),
    domain=(R_12 < 1, sp.Ge(R_12, sp.Rational(1, 2))),
    assumptions=(
        "two modes, the noise in the same proportion to the curvature along both: C_11/lambda_1 = C_22/lambda_2",
        "the posterior is Gaussian with covariance (D H)^-1, about the minimum; the noise does not vary with theta",
        "the preconditioner is diagonal in the eigenbasis of H; the divergence is no smaller than this",
    ),
    process=preconditioned,
    observable=PosteriorDivergence(),
    points=DIAGONAL,
    sources=(),
    errata=(
        Erratum(
            Source(
                "mandt2017",
                "Corollary 3, the best diagonal preconditioner 2 S/(N (B B')_kk)",
                "what the claim leaves is worked out here: in continuous time it gives both modes the posterior's"
                " variance",
            ),
            printed=-sp.log(1 - R_12) / 2,
            says="not the smallest where R_12 > 1/2: the claim takes Q = Sigma H^-1 to be independent of the"
            " preconditioner H",
            points=DIAGONAL[:1],
            survives="the choice itself where C is diagonal and, for noise in proportion to the curvature, wherever"
            " R_12 <= 1/2; Theorem 2, for full matrices",
        ),
    ),
    bound="lower",
)
