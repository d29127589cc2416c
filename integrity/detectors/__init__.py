"""One detector per file: knobs in the constructor, the cohort in the call, findings with evidence as the result."""
