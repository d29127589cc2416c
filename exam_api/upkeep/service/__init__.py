"""What may happen to certificates after they were issued."""
