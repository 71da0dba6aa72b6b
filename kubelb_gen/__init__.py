"""Settings that let the backend see the client, for every hop of KubeLB."""

__version__ = "0.1.0"
