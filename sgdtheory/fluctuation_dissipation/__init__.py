"""What a stationary run of SGD must satisfy, whatever the noise: fluctuation-dissipation relations."""
