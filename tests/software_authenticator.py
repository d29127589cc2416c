"""The same software authenticator that the simulated people use."""

from loadtests.authenticator import NoCredential, SoftwareAuthenticator

__all__ = ["NoCredential", "SoftwareAuthenticator"]
