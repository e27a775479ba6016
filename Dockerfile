# certpath as a command:
#
#     docker build --tag certpath .
#     docker run --rm --network none --volume "$PWD:/data:ro" certpath check chain.pem
FROM rust:1-slim-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN python3 -m venv /opt/certpath && /opt/certpath/bin/pip install --no-cache-dir '.[cli]'

FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates python3 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/certpath /opt/certpath
USER nobody
WORKDIR /data
ENTRYPOINT ["/opt/certpath/bin/certpath"]
CMD ["--help"]
