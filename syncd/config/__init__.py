"""Typed settings, their loader, secrets by reference, and the plug-in registry."""
