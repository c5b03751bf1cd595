"""What somebody has deployed already, and the program that takes it over: `vcw adopt`."""
