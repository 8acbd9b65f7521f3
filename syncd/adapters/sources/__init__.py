"""One module a kind of ERP, WMS or file."""
