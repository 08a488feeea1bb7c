"""Queries of analysts as things with a name: running, ended, stopped, and those saved to be run again."""
