"""What may happen to exams and sittings: `checking` reads the file, `writing` writes it, the others change rows."""
