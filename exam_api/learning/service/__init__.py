"""What may happen to courses: `folder` reads and packs files, `content` shows, `progress` moves on."""
