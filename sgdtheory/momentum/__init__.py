"""SGD with momentum, heavy ball and Nesterov, on a quadratic loss with additive noise."""
