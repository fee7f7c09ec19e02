"""What every page is held against: a bare Flask application on the same server."""

from flask import Flask

app = Flask("hello")


@app.get("/")
def hello() -> str:
    """Nothing else."""
    return "Hello, world"
