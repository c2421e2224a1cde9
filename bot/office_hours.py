"""When a department is open: working time, lunch breaks, holidays, special days, promised reply dates (pure)."""
