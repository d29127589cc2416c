"""What may happen to programmes and maps of skills."""
