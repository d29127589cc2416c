"""Verifiable credentials and presentations of any kind (W3C VCDM 2.0), as programs send them to a VC-API.

The rest of `credentials` understands one form of document and refuses everything else, which is what a certificate needs.
Here any document is read that keeps the rules of the data model: contexts may be extended, proofs may form sets and chains.
"""
