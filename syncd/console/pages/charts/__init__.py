"""Charts as pure functions from documents to geometry; the templates draw it as SVG, and nothing else computes."""
