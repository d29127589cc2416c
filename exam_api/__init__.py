"""The application: the only package that knows the web, the database and the environment."""
