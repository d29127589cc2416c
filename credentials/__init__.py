"""Receipts, certificates and the log that holds them: everything signed, and everything anyone can verify alone."""
