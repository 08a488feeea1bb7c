"""What Simpul costs, measured beside what else could do the work: `python -m bench [--full] [names]`."""
