"""What people see and ask for."""
