# docker build -t rolelint . && docker run --rm -v "$PWD:/templates:ro" rolelint
FROM python:3.13-slim@sha256:ffb752e139c0a19692a43af8d8523b274222dd68eebad5d583b45c2201c6e30a AS build
WORKDIR /source
COPY . .
RUN python -m venv /opt/rolelint && /opt/rolelint/bin/pip install --no-cache-dir .

FROM python:3.13-slim@sha256:ffb752e139c0a19692a43af8d8523b274222dd68eebad5d583b45c2201c6e30a
COPY --from=build /opt/rolelint /opt/rolelint
USER 65532:65532
WORKDIR /templates
ENTRYPOINT ["/opt/rolelint/bin/rolelint"]
