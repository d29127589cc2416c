"""The commands about the log: `log`, `witness`, `mirror`. Each module adds itself to the command line."""
