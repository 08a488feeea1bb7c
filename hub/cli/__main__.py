"""`python -m hub.cli`, for a hub that starts its own worker."""

from hub.cli import app

app()
