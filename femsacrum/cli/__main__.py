"""The command as ``python -m femsacrum.cli``."""

from femsacrum.cli import main

main()
