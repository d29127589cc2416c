"""The contexts that any credential may name, and what is known of the files behind them."""

from __future__ import annotations

from collections.abc import Mapping

from credentials import vocabularies
from credentials.canonical import JsonObject
from credentials.contexts import VC

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"

# SHA-256 and SHA-384 of the two editions of the base context that were published at its address: the Candidate
# Recommendation's (July 2024 to February 2025) and the Recommendation's.
DIGESTS: Mapping[str, tuple[str, ...]] = {
    VC: (
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
        "97f1eb8e5042356c805fdd61afa2c557663785e0794dcafa21e138fd38def18cb360133c221aa31d6896a6bf3e65b614",
        "24a18c90e9856d526111f29376e302d970b2bd10182e33959995b0207d7043b9",
        "35239c36999d2155312091af194a1edb61634d6ad789a5e5b19f2aebdd762dd9d1dcaada40eda7ef921c6b8c0ae107a0",
    )
}

TABLE: Mapping[str, JsonObject] = {
    **vocabularies.TABLE,
    EXAMPLES: {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}},
}
