"""Course material: a readable format, and the rules of what is done, open and next."""
