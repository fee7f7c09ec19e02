"""Small lives while web server and workers are killed at random."""
