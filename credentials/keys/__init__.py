"""Who signs, and whose key it was: Ed25519, ML-DSA and P-256 keys, their names and envelopes, and where they are kept (`signers`)."""
