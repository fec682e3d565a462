"""The three applications, with tables of a program's own."""
