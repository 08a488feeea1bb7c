"""Who may read what, why and until when: requests, decisions, grants."""
