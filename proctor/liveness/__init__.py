"""Signs of life: is a living person before this camera, or a picture of one? Weak evidence, never a verdict."""
