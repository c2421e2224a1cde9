"""The shell of the hand-off desk: tickets opened, taken, answered and closed; stored before anybody is told."""
