"""The tables of staff: accounts, sessions, the audit log."""
