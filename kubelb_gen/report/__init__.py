"""Results as text: the only place that knows how things look."""
