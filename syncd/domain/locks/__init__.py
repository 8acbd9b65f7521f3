"""Units that people lock for a shop or for nobody (DESIGN 4.4)."""
