"""`python -m loadtests faults`: break everything while people write, then count what was lost."""
