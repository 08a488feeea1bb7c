"""The index of openness between agencies (IKDA): measured, clicked through, contested, and told in a yearly report."""
