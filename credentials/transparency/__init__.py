"""The public log (C2SP tlog): its tree and files, what its entries say, who cosigns and mirrors it, and whom to believe."""
