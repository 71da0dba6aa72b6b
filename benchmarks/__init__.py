"""How long rendering takes, beside Helm rendering the same fleet. `make bench`."""
