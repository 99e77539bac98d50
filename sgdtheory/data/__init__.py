"""Data to learn from: tables on disk and the data sets that packages ship.

Nothing is downloaded and nothing is repaired in silence: ``Data.notes`` says what was done to the numbers.
"""

from sgdtheory.data.builtin import DATASETS, load_dataset
from sgdtheory.data.files import read_table
from sgdtheory.data.table import Data

__all__ = ["DATASETS", "Data", "load_dataset", "read_table"]
