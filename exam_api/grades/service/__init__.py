"""What may happen to grades."""
