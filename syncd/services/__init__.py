"""The use cases: they call the domain for every decision and the ports for every effect."""
