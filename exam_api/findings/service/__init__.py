"""What statistics say about a sitting's answers."""
