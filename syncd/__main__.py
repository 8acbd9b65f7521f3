"""`python -m syncd` and the command `syncd`."""

import sys

from syncd.cli.early import listen_early


def main() -> None:
    """Run the command that the arguments name; always ends by `SystemExit`."""
    listen_early(sys.argv[1:])
    # Loading takes a second, in which people press Ctrl-C and systemd stops units.
    from syncd.cli.main import main as run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
