"""The web console: pages made on the server from the documents of the desk, in English and Chinese."""
