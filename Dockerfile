# The web server, the worker and the commands, as one image. Not root; what it keeps lies in /var/lib/exchange.
FROM python:3.11-slim-bookworm AS build
WORKDIR /srv/exchange
COPY pyproject.toml server.lock ./
# The same versions and hashes as everywhere, without what only tests need.
RUN python -m venv /opt/uv \
    && /opt/uv/bin/pip install --no-cache-dir "$(sed -n 's/.*"\(uv==[0-9.]*\)".*/\1/p' pyproject.toml)" \
    && python -m venv --without-pip /opt/venv \
    && /opt/uv/bin/uv pip sync --python /opt/venv/bin/python --no-cache --require-hashes --compile-bytecode server.lock
COPY . .
RUN /opt/uv/bin/uv pip install --python /opt/venv/bin/python --no-cache --no-deps --no-build-isolation --editable . \
    && /opt/venv/bin/python -m compileall -q exchange migrations

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore, for exchange backup and exchange restore on PostgreSQL 15.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/exchange --create-home exchange
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/exchange /srv/exchange
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    EXCHANGE_ENV=production \
    EXCHANGE_INSTANCE_PATH=/var/lib/exchange
WORKDIR /var/lib/exchange
USER exchange
VOLUME /var/lib/exchange
EXPOSE 8000
CMD ["exchange", "serve", "--host", "0.0.0.0"]
