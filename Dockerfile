# The worker and the command line. Built in two stages: what builds is not in what runs.
FROM python:3.11-slim AS build
WORKDIR /source
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore

COPY deploy/image/build.lock deploy/image/worker.lock deploy/image/
RUN python3 -m venv /opt/build \
 && /opt/build/bin/pip install --quiet --require-hashes --only-binary :all: -r deploy/image/build.lock \
 && python3 -m venv /opt/cee \
 && /opt/cee/bin/pip install --quiet --require-hashes --only-binary :all: -r deploy/image/worker.lock

COPY . .
RUN /opt/build/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/cee/bin/pip install --quiet --no-deps --no-index /wheels/*.whl \
 && /opt/cee/bin/python -m compileall -q /opt/cee/lib \
 && /opt/cee/bin/pip uninstall --quiet --yes pip setuptools 2>/dev/null

FROM python:3.11-slim
# Volumes take their owner from these folders: state of the workers, and the token of their pages.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin cee \
 && install -d -o cee -m 0750 /state \
 && install -d -o cee -m 0755 /run/cee
COPY --from=build /opt/cee /opt/cee
ENV PATH=/opt/cee/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    CEE_STATE_DIR=/state CEE_LOG_FORMAT=json CEE_WEB_HOST=0.0.0.0
USER 10001
WORKDIR /state
EXPOSE 6066
STOPSIGNAL SIGTERM
# Well, and ready for its partitions: a worker that restores for long is not healthy yet.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=6 \
    CMD ["python", "-c", "from urllib.request import urlopen\nfor page in ('healthz', 'readyz'):\n    urlopen('http://127.0.0.1:6066/' + page, timeout=4)"]
ENTRYPOINT ["cee"]
CMD ["worker"]
