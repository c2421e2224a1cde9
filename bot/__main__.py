"""`python -m bot` is the same as `madoguchi`."""

from bot.cli import main

main()
