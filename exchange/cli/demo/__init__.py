"""What the demo group says and does: its people, past favors and open posts. All of it is invented."""
