"""Mock ERP and mock shops over real HTTP, deterministic from a seed; knows nothing of the program."""
