"""What may happen to an attempt, in the order of its life: door, start, save, close."""
