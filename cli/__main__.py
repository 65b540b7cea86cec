"""``python -m cli`` is ``depeche`` where the command itself is not installed."""

from cli.main import main

main()
