"""What each `madoguchi` command does, one module for each; the command line itself is `bot/cli.py`."""
