"""Reading tables of any kind into arrays of numbers, with names, weights and missing rows."""
