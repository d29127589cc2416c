"""Taking back: which certificates are revoked or suspended, and why, in lists that name nobody."""
