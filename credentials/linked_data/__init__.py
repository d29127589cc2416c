"""JSON-LD: what the words of a document mean (`contexts`, `vocabularies`), and its canonical N-Quads, which are what is signed."""
