"""What tests lean on: real programs, loopback applications, goldens, readers."""
