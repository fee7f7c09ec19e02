"""What a WSGI server loads: gunicorn wsgi:app."""

from exchange import create_app

app = create_app()
