"""Blocks of replicas in compiled kernels.

``block`` is the class and ``kernels`` the loop over steps; ``rows``, ``wide``, ``gaussian`` and ``gaussian_features``
are the steps of each layout in memory, ``indices`` and ``normals`` the draws, ``vectors`` the SIMD type that all of
them are written in.
"""
