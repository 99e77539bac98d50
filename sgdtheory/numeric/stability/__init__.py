"""Up to which learning rate SGD is stable, in each of the senses in which it can be."""
