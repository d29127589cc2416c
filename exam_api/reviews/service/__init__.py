"""What may happen in a review."""
