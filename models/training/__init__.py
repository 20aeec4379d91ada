"""How models are trained by gradients: one loop, one optimiser, on one process or on several."""
