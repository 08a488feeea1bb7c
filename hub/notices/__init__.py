"""Telling people: an inbox, mail, a gateway for phones and webhooks; each notice once on each way."""
