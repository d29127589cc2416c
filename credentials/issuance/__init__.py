"""Making certificates: the document, its signature, the file that says what to issue, and the same once more."""
