"""From the loss of one sample to a problem, its laws and its simulation.

Importing anything from here also makes the verbs know about stated losses.
"""

from sgdtheory.losses import coordinates as coordinates
from sgdtheory.losses import curvature as curvature
from sgdtheory.losses import law as law
from sgdtheory.losses import simulation as simulation
