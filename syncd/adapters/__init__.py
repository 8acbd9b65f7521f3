"""Translations between the ports and the outside; no business rule lives here."""
