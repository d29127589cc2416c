"""What may happen to certificates."""
