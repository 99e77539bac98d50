"""Problems: what is minimised."""

from sgdtheory.problems.gaussian_features import GaussianFeatures as GaussianFeatures
from sgdtheory.problems.least_squares import LeastSquares as LeastSquares
from sgdtheory.problems.problem import Problem as Problem
from sgdtheory.problems.problem import as_point as as_point
from sgdtheory.problems.problem import check_dataset_size as check_dataset_size
from sgdtheory.problems.problem import check_problem as check_problem
from sgdtheory.problems.problem import known_spectrum as known_spectrum
from sgdtheory.problems.quadratic import Quadratic as Quadratic
from sgdtheory.problems.quadratic_sums import QuadraticSums as QuadraticSums
