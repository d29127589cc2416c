"""What may happen to accounts. Later features use these names."""

from exam_api.accounts.service.passkeys import Asked, ask_passkey, prove_passkey

__all__ = ["Asked", "ask_passkey", "prove_passkey"]
