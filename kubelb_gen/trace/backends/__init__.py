"""The last hop: whom each backend program takes for the client."""
