"""The tables of the hand-off desk: tickets, notes, links."""
