"""People made of software, who use the platform over HTTP only."""
