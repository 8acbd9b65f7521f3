"""What people and programs see over HTTP: the API, the pages, metrics and hooks; aiohttp's server side."""
