"""Ways to fetch an agency's rows as they are served; a connector never knows what a row means."""
