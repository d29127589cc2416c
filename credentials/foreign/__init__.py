"""Credentials that others issued: Open Badges 3.0 and CLR 2.0, signed inside or as a token, and whether they were taken back."""
