"""Where a job can run. Every engine here isolates; there is none that does not."""
