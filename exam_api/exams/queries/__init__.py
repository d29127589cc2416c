"""Exams and sittings: SQL, nothing else."""
