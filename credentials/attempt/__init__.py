"""What an attempt leaves in the candidate's hands: the session's tokens, signed receipts, files of unsent answers."""
