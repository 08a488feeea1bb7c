"""Telling people: inbox, mail, phone gateway and webhook, each once."""
