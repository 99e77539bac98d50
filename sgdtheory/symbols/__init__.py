"""The glossary: every symbol of the library, made once, with its assumptions, public word and meaning.

Index conventions. A formula is written for one pair of modes ``i, j`` of the Hessian (or one mode ``i``).
A symbol's ``indices`` say which: ``curvature`` is a vector over modes, so ``lambda_i`` and ``lambda_j`` are
its entries ``i`` and ``j``; ``C_ij`` is an entry of the noise covariance *in the eigenbasis*. An index that
stands on the right-hand side only is summed over (Einstein's rule).
"""

from sgdtheory.symbols.continuous import *
from sgdtheory.symbols.found import *
from sgdtheory.symbols.given import *
from sgdtheory.symbols.quantity import Quantity as Quantity
from sgdtheory.symbols.quantity import glossary as glossary
from sgdtheory.symbols.quantity import words as words
