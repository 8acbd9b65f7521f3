"""One module a kind of shop; they do not know each other."""
