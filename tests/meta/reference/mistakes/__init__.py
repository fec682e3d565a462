"""The mistakes that the reference server can be told to make, by subject; see `examples`."""
