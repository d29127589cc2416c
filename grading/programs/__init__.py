"""Problems that programs solve: how their packages are read, what is run, and what each submission is worth."""
