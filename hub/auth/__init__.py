"""Who is calling: people, programs, their credentials and their sessions."""
