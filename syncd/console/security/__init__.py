"""Who comes in: tokens, sessions, the gate before every handler, and what tries to get past it."""
