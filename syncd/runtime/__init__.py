"""The daemon: loop, signals, scheduler."""
