"""Charts as pure functions from documents to geometry, which the templates draw as SVG."""
