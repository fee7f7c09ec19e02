"""The worker, its queue, and its processes."""
